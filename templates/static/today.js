// The board changes by itself; a reader of the page by ear is told its one most telling figure, when that changed.
"use strict";

document.getElementById("board")?.addEventListener("live:swapped", (event) => {
  const said = document.getElementById("said");
  const words = event.currentTarget.querySelector("[data-said]")?.dataset.said || "";
  if (said.textContent !== words) said.textContent = words;
});
