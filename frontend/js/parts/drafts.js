// What is typed into a form about a case is kept on the server as a draft (data-draft names it, data-draft-url is where
// it goes), said with the hour, and stands there again when the page is opened anew. Without a connection it stays in
// the page and is kept as soon as the connection is back.

const PAUSE_MS = 700;
const AGAIN_MS = 15_000;
const LEFT_OUT = new Set(["csrfmiddlewaretoken", "version", "member", "queue"]);

const fieldsOf = (form) =>
  [...form.elements].filter((one) => one.name && one.type !== "file" && one.type !== "hidden" && !LEFT_OUT.has(one.name) && one.tagName !== "BUTTON");

const isTicked = (field) => field.type === "checkbox" || field.type === "radio";

class Draft {
  constructor(form) {
    this.form = form;
    this.name = form.dataset.draft;
    this.said = document.querySelector(`[data-draft-said="${this.name}"]`);
    this.timer = 0;
    this.isDirty = false;
    this.isSent = false;
    const kept = document.getElementById(`draft-${this.name}`);
    this.content = kept ? JSON.parse(kept.textContent) : {};
    if (kept) this.restore();
  }

  restore() {
    for (const field of fieldsOf(this.form)) {
      const values = this.content[field.name];
      if (!values || field.disabled) continue;
      if (isTicked(field)) field.checked = values.includes(field.value);
      else if (!field.value) [field.value] = values.length ? values : [""];
    }
  }

  /** Fields of other members of the family, which this page does not show, stay as they were kept. */
  collect() {
    const fields = fieldsOf(this.form);
    for (const field of fields) this.content[field.name] = [];
    for (const field of fields) {
      if (isTicked(field) ? field.checked : field.value !== "") this.content[field.name].push(field.value);
    }
    return this.content;
  }

  say(words, at = "") {
    if (!this.said) return;
    this.said.hidden = false;
    this.said.classList.toggle("is-unsaved", words !== "saved" && words !== "restored");
    this.said.querySelector("span").textContent = this.said.dataset[words].replace("{at}", at);
  }

  touch() {
    this.isDirty = true;
    if (!navigator.onLine) this.say("unsaved");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), PAUSE_MS);
  }

  async save() {
    clearTimeout(this.timer);
    if (!this.isDirty || this.isSent) return;
    if (!navigator.onLine) return this.say("unsaved");
    const body = new FormData();
    body.set("csrfmiddlewaretoken", this.form.elements.csrfmiddlewaretoken.value);
    body.set("form", this.name);
    body.set("content", JSON.stringify(this.collect()));
    this.isDirty = false;
    try {
      const answer = await fetch(this.form.dataset.draftUrl, { method: "POST", body, keepalive: true, redirect: "error" });
      if (!answer.ok) throw new RangeError(String(answer.status));
      const { at } = await answer.json();
      if (!this.isDirty) this.say("saved", at);
    } catch (error) {
      this.isDirty = true;
      this.say(error instanceof RangeError ? "refused" : "unsaved");
      if (!(error instanceof RangeError)) this.timer = setTimeout(() => this.save(), AGAIN_MS);
    }
  }
}

export function keepDrafts() {
  const drafts = [...document.querySelectorAll("form[data-draft]")].map((form) => new Draft(form));
  if (!drafts.length) return;
  const of = (event) => drafts.find((one) => one.form === event.target.form);
  document.addEventListener("input", (event) => of(event)?.touch());
  document.addEventListener("change", (event) => of(event)?.touch());
  document.addEventListener("submit", (event) => {
    const draft = drafts.find((one) => one.form === event.target);
    if (draft && !event.defaultPrevented) draft.isSent = true;
  });
  addEventListener("online", () => drafts.forEach((one) => one.save()));
  addEventListener("offline", () => drafts.forEach((one) => one.isDirty && one.say("unsaved")));
  addEventListener("pagehide", () => drafts.forEach((one) => one.save()));
  addEventListener("pageshow", () => drafts.forEach((one) => { one.isSent = false; }));
}
