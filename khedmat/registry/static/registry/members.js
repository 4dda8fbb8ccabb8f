// Adds a member's empty card without a trip to the server. Without this script the button is sent and the
// server lays the page out anew; taking a card away always goes that way.
(() => {
  const form = document.querySelector("form[data-members]");
  const button = form?.querySelector("[data-add]");
  const blank = form?.querySelector("template[data-new-member]");
  const total = form?.elements[`${form.dataset.members}-TOTAL_FORMS`];
  if (!button || !blank || !total) return;
  const numbers = new Intl.NumberFormat(document.documentElement.lang);

  const cardFor = (index) => {
    const holder = document.createElement("template");
    holder.innerHTML = blank.innerHTML
      .replaceAll("__prefix__", String(index))
      .replaceAll('"member-__number__"', `"member-${index + 1}"`)
      .replaceAll("__number__", numbers.format(index + 1));
    return holder.content.firstElementChild;
  };

  button.addEventListener("click", (event) => {
    const count = Number(total.value);
    // The last one is the server's: it answers with the full page's sentence.
    if (count + 1 >= Number(form.dataset.most)) return;
    event.preventDefault();
    const card = cardFor(count);
    form.querySelector("[data-add-row]").before(card);
    total.value = String(count + 1);
    card.querySelector("input").focus();
  });
})();
