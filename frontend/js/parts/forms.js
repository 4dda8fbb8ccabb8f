// A form is sent once. After 300 ms its button says so; when the network is off, nothing is sent and
// what was written stays. data-repeatable frees a form whose answer is a file and leaves the page standing.

const SLOW_MS = 300;
let slow = 0;

function free(form) {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("[aria-busy]")) {
    button.removeAttribute("aria-busy");
    button.removeAttribute("aria-disabled");
  }
}

function send(event) {
  const form = event.target;
  if (form.method !== "post" || "repeatable" in form.dataset || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  if (!navigator.onLine) {
    event.preventDefault();
    document.querySelector("[data-offline]")?.focus();
    return;
  }
  form.dataset.sent = "yes";
  const button = event.submitter;
  button?.setAttribute("aria-disabled", "true");
  slow = setTimeout(() => {
    button?.setAttribute("aria-busy", "true");
    const said = document.querySelector("[data-said]");
    if (said) said.textContent = said.dataset.sending;
  }, SLOW_MS);
}

function focusErrors() {
  document.querySelector("[data-error-summary]")?.focus();
}

export function guardForms() {
  document.addEventListener("submit", send);
  // Coming back through the history shows the page as it was left: free it again.
  addEventListener("pageshow", () => {
    clearTimeout(slow);
    for (const form of document.querySelectorAll("form[data-sent]")) free(form);
  });
  if (document.querySelector("[data-print-now]")) addEventListener("load", () => print());
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) print();
  });
  focusErrors();
}
