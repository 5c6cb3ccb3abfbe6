// What the pages do by themselves. Every form and link works without it.
"use strict";

// Regions that follow the records: asked for again, and swapped only when something changed.
const trouble = document.getElementById("live-trouble");

function say(words, link) {
  trouble.textContent = words + " ";
  if (link) {
    const anchor = document.createElement("a");
    anchor.href = "/console/sign-in?next=" + encodeURIComponent(location.pathname + location.search);
    anchor.textContent = trouble.dataset.signIn;
    trouble.append(anchor);
  }
  trouble.hidden = false;
}

// Whether somebody chose or wrote something that was not there when the page came.
function isChanged(control) {
  if (control.type === "hidden") return false;
  if (control.type === "checkbox" || control.type === "radio") return control.checked !== control.defaultChecked;
  if (control.tagName !== "SELECT") return control.value !== control.defaultValue;
  const options = [...control.options];
  const first = options.some((one) => one.defaultSelected) ? options.findIndex((one) => one.defaultSelected) : 0;
  return control.selectedIndex !== first;
}

// An open <details>, a filled-in form, a sounding clip or a pointed-at menu is not torn away from its reader.
function isBusy(region) {
  const active = document.activeElement;
  const typing = region.contains(active) && active.matches("input, select, textarea");
  const filledIn = [...region.querySelectorAll("input, select, textarea")].some(isChanged);
  const playing = [...region.querySelectorAll("audio")].some((audio) => !audio.paused && !audio.ended);
  return typing || filledIn || playing || region.hasAttribute("data-live-hold");
}

function keysOf(root, selector) {
  return [...root.querySelectorAll(selector)];
}

function swap(region, html) {
  const focused = region.contains(document.activeElement) ? document.activeElement.id : "";
  const open = keysOf(region, "details[open][id]").map((one) => one.id);
  const before = new Map(keysOf(region, "[data-row]").map((row) => [row.dataset.row, row.textContent]));
  const scrolled = new Map(keysOf(region, ".scroll[id]").map((one) => [one.id, one.scrollLeft]));
  const parsed = new DOMParser().parseFromString(html, "text/html");
  region.replaceChildren(...parsed.body.childNodes);
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  for (const [id, left] of scrolled) { const one = document.getElementById(id); if (one) one.scrollLeft = left; }
  for (const row of keysOf(region, "[data-row]")) {
    if (before.has(row.dataset.row) && before.get(row.dataset.row) !== row.textContent) row.classList.add("changed");
  }
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  region.dispatchEvent(new CustomEvent("live:swapped", { bubbles: true }));
}

async function follow(region) {
  let mark = "";
  const wait = 1000 * Number(region.dataset.every || 2);
  for (;;) {
    await new Promise((done) => setTimeout(done, wait));
    if (!region.isConnected) return;
    if (document.hidden || isBusy(region)) continue;
    try {
      const answer = await fetch(region.dataset.live, { headers: { "X-Live": "1", "If-None-Match": mark }, cache: "no-store" });
      if (answer.status === 401) { say(trouble.dataset.signedOut, true); return; }
      if (answer.redirected) { location.reload(); return; }
      if (answer.status === 200) {
        mark = answer.headers.get("ETag") || "";
        const html = await answer.text();
        if (!isBusy(region)) swap(region, html); else mark = "";
      }
      if (answer.ok || answer.status === 304) trouble.hidden = true;
    } catch { say(trouble.dataset.offline, false); }
  }
}
document.querySelectorAll("[data-live]").forEach(follow);

// The minute in which a thing can be undone, counted down.
for (const band of document.querySelectorAll("[data-undo]")) {
  let left = Number(band.dataset.undo);
  const shown = band.querySelector("[data-seconds]");
  const timer = setInterval(() => {
    left -= 1;
    if (left > 0 && shown) { shown.textContent = left; return; }
    clearInterval(timer);
    band.querySelector("form")?.remove();
  }, 1000);
}

// "Are you sure?" before a form goes, and no second click on its way.
const ask = document.getElementById("ask");
document.addEventListener("submit", (event) => {
  const form = event.target;
  const question = event.submitter?.dataset.confirm || form.dataset.confirm;
  if (question && form.dataset.sure !== "yes") {
    event.preventDefault();
    document.getElementById("ask-text").textContent = question;
    ask.returnValue = "";
    ask.showModal();
    ask.onclose = () => {
      if (ask.returnValue !== "yes") return;
      form.dataset.sure = "yes";
      form.requestSubmit(event.submitter);
    };
    return;
  }
  if (form.dataset.sent) { event.preventDefault(); return; }
  if (form.method === "post" && !form.hasAttribute("data-stays")) {
    form.dataset.sent = "yes";
    setTimeout(() => { delete form.dataset.sent; delete form.dataset.sure; }, 8000);
  }
});
if (ask) ask.addEventListener("click", (event) => { if (event.target.value) ask.close(event.target.value); });
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => { delete form.dataset.sent; }));

// Filters take effect as they are chosen, and print buttons print.
document.addEventListener("change", (event) => {
  if (event.target.matches("form[data-at-once] select, form[data-at-once] input")) event.target.form.requestSubmit();
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) print();
  for (const menu of document.querySelectorAll("details.me[open]")) {
    if (!menu.contains(event.target)) menu.removeAttribute("open");
  }
});

// On a telephone the tabs are wider than the window: the one that is open is moved into it.
for (const open of document.querySelectorAll(".tabs [aria-current]")) {
  const row = open.closest("ul");
  row.scrollLeft += open.getBoundingClientRect().left - row.getBoundingClientRect().left - 24;
}
