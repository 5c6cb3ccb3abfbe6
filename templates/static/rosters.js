// Roster upload: a file that is too large is said before it is sent, and the page goes on by itself when work is done.
"use strict";

const form = document.querySelector("form[data-most]");
const chosen = form?.querySelector("input[type=file]");
chosen?.addEventListener("change", () => {
  const isTooLarge = chosen.files[0]?.size > Number(form.dataset.most);
  chosen.setCustomValidity(isTooLarge ? form.dataset.tooLarge : "");
  if (isTooLarge) chosen.reportValidity();
});

const region = document.querySelector("[data-live$='/progress']");
if (region) {
  new MutationObserver(() => {
    if (region.querySelector("[data-settled]")) location.reload();
  }).observe(region, { childList: true, subtree: true });
}
