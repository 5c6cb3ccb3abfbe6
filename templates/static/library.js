// Ticks "I listened to the end" when that is what happened. Without it the listener ticks.
"use strict";

const ENOUGH = 0.9; // of a clip's length: who only jumped to its end has not heard it

function share(audio) {
  let heard = 0;
  for (let n = 0; n < audio.played.length; n += 1) heard += audio.played.end(n) - audio.played.start(n);
  return heard / audio.duration;
}

document.addEventListener("ended", (event) => {
  const audio = event.target;
  const box = audio.closest("article")?.querySelector("input[name=heard]");
  if (box && share(audio) >= ENOUGH) box.checked = true;
}, true); // "ended" does not bubble
