// Makes the PIN form pleasant: shows the PIN, suggests one, and says what is missing while it is typed. Everything else
// works without it, and the server decides.
"use strict";

const form = document.querySelector("[data-pin-form]");

function message(pin, again) {
  if (pin === "") return "";
  if (/[^0-9]/.test(pin)) return "Only digits, without letters or spaces.";
  if (pin.length < 6) return `At least 6 digits: ${pin.length} so far.`;
  if (pin.length > 10) return "At most 10 digits.";
  if (again === "") return "Enter it again below.";
  return pin === again ? "Both are the same." : "The two are not the same yet.";
}

// Eight digits without bias, and none of the plainest kinds; the server finds the others.
function suggestion() {
  const limit = 100000000 * 42;
  const words = new Uint32Array(1);
  for (;;) {
    crypto.getRandomValues(words);
    const pin = String(words[0] % 100000000).padStart(8, "0");
    if (words[0] < limit && !pin.startsWith("0") && new Set(pin).size >= 5) return pin;
  }
}

function enhance() {
  const [pin, again] = [form.elements.pin, form.elements.pin_again];
  const status = form.querySelector("[data-pin-status]");
  const show = form.querySelector("[data-pin-show]");
  const update = () => (status.textContent = message(pin.value, again.value));
  const reveal = (shown) => {
    for (const field of [pin, again]) field.classList.toggle("masked", !shown);
    show.textContent = shown ? "Hide PIN" : "Show PIN";
  };
  form.querySelector("[data-pin-tools]").hidden = false;
  show.addEventListener("click", () => reveal(pin.classList.contains("masked")));
  form.querySelector("[data-pin-generate]").addEventListener("click", () => {
    pin.value = again.value = suggestion();
    reveal(true);
    update();
    status.textContent = "Write it down before you save: no one can look it up later.";
  });
  for (const field of [pin, again]) field.addEventListener("input", update);
  // A page that the browser kept in memory must not show the PIN again.
  addEventListener("pagehide", () => {
    form.reset();
    reveal(false);
  });
}

if (form) enhance();
