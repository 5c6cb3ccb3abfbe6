// The page of handsets: asks for what is to be seen, draws it, rings, plays calls, presses keys.
// Whatever comes from outside is set as text, never as markup: a name may be called <script>.
"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const words = JSON.parse($("words").textContent);
  const names = JSON.parse($("names").textContent);
  const language = document.documentElement.lang;
  const body = document.body.dataset;
  const POLL = 500, POLL_HIDDEN = 2000, POLL_LOST = 2500, STAYS = 9000;

  const t = (key, values = {}) =>
    Object.entries(values).reduce((text, [name, value]) => text.replace(`{${name}}`, value), words[key] || key);
  const kept = (store, name, value) => {
    try { if (value === undefined) return store.getItem(name); store.setItem(name, value); } catch { /* private mode */ }
    return value === undefined ? null : value;
  };
  const visitor = kept(sessionStorage, "visitor") ||
    kept(sessionStorage, "visitor", Array.from(crypto.getRandomValues(new Uint8Array(12)), (n) => n.toString(16).padStart(2, "0")).join(""));

  // Drawing

  const el = (tag, className, ...children) => {
    const made = document.createElement(tag);
    if (className) made.className = className;
    made.append(...children.filter((child) => child !== null && child !== undefined));
    return made;
  };
  const button = (className, text, act) => {
    const made = el("button", className, text);
    made.type = "button";
    made.addEventListener("click", act);
    return made;
  };
  const PATHS = {
    phone: "M6.6 3.5l2.6.4 1.3 3.4-1.9 1.6a12 12 0 0 0 6.5 6.5l1.6-1.9 3.4 1.3.4 2.6c0 1.5-1 2.6-2.5 2.6C10.6 20 4 13.4 4 6c0-1.5 1.1-2.5 2.6-2.5z",
    people: "M9 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zm-6 8c0-3 2.5-5 6-5s6 2 6 5M16 5.5a3 3 0 0 1 0 5.5m2 3.5c2 .7 3 2.3 3 4.5",
    send: "M4 12l16-8-6 16-2.5-6.5z", home: "M4 11l8-7 8 7v9h-5v-5H9v5H4z", hand: "M8 11V5.5a1.5 1.5 0 0 1 3 0V10m0-5.5a1.5 1.5 0 0 1 3 0V10m0-3.5a1.5 1.5 0 0 1 3 0V14c0 4-2 6.5-5.5 6.5S7.5 18.5 6 15.5l-1.5-3c-.6-1.3 1-2.2 2-1l1.5 2",
  };
  const icon = (name) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("class", `icon ${name}`);
    svg.setAttribute("aria-hidden", "true");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", PATHS[name]);
    svg.append(path);
    return svg;
  };
  const inLanguage = (node, code) => { if (code) node.lang = code; return node; };
  const languageName = (code) => (names.languages[code] || [code])[0];
  const languageInFull = (code) => [...new Set(names.languages[code] || [code])].filter(Boolean).join(" · ");
  const siteName = (code) => names.sites[code] || code;
  const zone = { timeZone: "Asia/Bangkok" };
  const locale = language === "th" ? "th-TH-u-ca-buddhist-nu-latn" : "en-GB";
  const hour = new Intl.DateTimeFormat("en-GB", { ...zone, hour: "2-digit", minute: "2-digit" });
  const day = new Intl.DateTimeFormat(locale, { ...zone, weekday: "long", day: "numeric", month: "long", year: "numeric" });
  const setText = (node, text) => { if (node.textContent !== text) node.textContent = text; };
  const titleOf = (phone) => (phone.people === 0 ? t("phone.borrowed") : phone.title);
  const sharedBy = (phone) => (phone.people > 1 ? t("phone.shared", { n: phone.people }) : phone.people === 0 ? t("phone.stranger") : "");
  const hue = (key) => parseInt(key.slice(0, 4), 16) % 6;

  // As many phones as fill whole rows
  const columns = Math.max(2, Math.floor(($("grid").clientWidth + 16) / 192));
  const FIRST = columns * (columns > 5 ? 2 : columns > 3 ? 3 : 5);

  // What is asked, and what came back

  let seen = null, tag = "", chosen = "", pinned = false, featuredSince = 0, shown = FIRST, order = [], timer = 0, asking = false, again = false;

  async function post(path, values = {}) {
    try {
      const answer = await fetch(path, {
        method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ visitor, ...values }),
      });
      if (answer.ok) { hush(); soon(); return true; }
      complain(await sentence(answer));
    } catch { complain(t("error.lost")); }
    soon();
    return false;
  }
  async function sentence(answer) {
    try { return (await answer.json()).error || t("error.signed_out"); } catch { return answer.status === 401 ? t("error.signed_out") : t("error.bad_request"); }
  }
  let hushTimer = 0;
  function complain(text) {
    $("trouble").textContent = text;
    $("trouble").hidden = false;
    clearTimeout(hushTimer);
    hushTimer = setTimeout(hush, 8000);
  }
  function hush() { $("trouble").hidden = true; }
  const handset = (act, values) => post(`handsets/${chosen}/${act}`, values);

  function soon() { for (const wait of [60, 220]) setTimeout(ask, wait); }
  async function ask() {
    if (asking) { again = true; return; }
    asking = true;
    clearTimeout(timer);
    let wait = POLL;
    try {
      const query = new URLSearchParams({ visitor, language: $("by-language").value, site: $("by-site").value, whose: $("by-whose").value, shown, featured: chosen, known: tag });
      const answer = await fetch(`state?${query}`, { cache: "no-store" });
      if (answer.redirected) { location.reload(); return; }  // the page asks who we are since it was opened
      if (answer.ok) {
        const told = await answer.json();
        hushLost();
        if (!told.unchanged) { seen = told; tag = told.version; draw(); }
      } else { complain(await sentence(answer)); wait = POLL_LOST; }
    } catch (trouble) { if (trouble instanceof TypeError) complainLost(); else console.error(trouble); wait = POLL_LOST; }
    asking = false;
    if (document.hidden) wait = seen && (seen.held || seen.armed) ? POLL_HIDDEN : POLL_HIDDEN * 2;
    timer = setTimeout(ask, again ? 30 : wait);
    again = false;
  }
  let isLost = false;
  function complainLost() { isLost = true; complain(t("error.lost")); }
  function hushLost() { if (isLost) { isLost = false; hush(); } }

  // The clock: told now and then, ticking here

  let toldAt = performance.now();
  function now() {
    const clock = seen.clock, stands = clock.paused || clock.held;
    return Date.parse(clock.now) + (stands ? 0 : (performance.now() - toldAt) * clock.speed);
  }
  function tick() {
    if (!seen) return;
    const at = new Date(now());
    setText($("clock-time"), hour.format(at));
    setText($("clock-day"), day.format(at));
    for (const node of document.querySelectorAll(".status-time")) setText(node, hour.format(at));
    if (ringsUntil) setText($("rings-for") || $("status"), t("call.seconds_left", { n: Math.max(0, Math.ceil((ringsUntil - performance.now()) / 1000)) }));
    const timer = $("call-timer");
    if (timer && talkingSince) {
      const seconds = Math.floor((performance.now() - talkingSince) / 1000);
      setText(timer, `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`);
    }
  }
  setInterval(tick, 200);

  function drawClock() {
    const clock = seen.clock;
    toldAt = performance.now();
    document.body.classList.toggle("stands", clock.held || clock.paused);
    const mood = clock.held ? t("clock.held") : clock.paused ? t("clock.paused") : clock.speed === 1 ? "" : t("clock.runs", { n: clock.speed });
    setText($("clock-mood"), mood);
    const pause = $("clock-pause");
    if (!pause) return;
    setText(pause, clock.paused ? t("clock.resume") : t("clock.pause"));
    pause.setAttribute("aria-pressed", String(clock.paused));
    for (const one of document.querySelectorAll(".segment")) one.setAttribute("aria-pressed", String(Number(one.dataset.speed) === clock.speed));
    if ($("clock-morning")) $("clock-morning").disabled = clock.held;
  }

  // Everything

  function draw() {
    const before = chosen;
    choose();
    drawClock();
    drawArm();
    drawGrid();
    const large = seen.featured && seen.featured.key === chosen ? seen.featured : null;
    if (large) drawLarge(large);
    else if (!chosen) drawNobody();
    listen(large);
    if (chosen !== before) { again = true; tag = ""; }
    tick();
  }
  function choose() {
    if (seen.held) {
      if (chosen !== seen.held) { chosen = seen.held; pinned = true; featuredSince = performance.now(); bringUp(); }
      return;
    }
    if (pinned && chosen) return;
    const lively = seen.phones.find((phone) => phone.entries.length);
    if (lively && (!chosen || performance.now() - featuredSince > STAYS)) {
      if (lively.key !== chosen) featuredSince = performance.now();
      chosen = lively.key;
    }
  }
  function pick(key) {
    if (seen && seen.held && seen.held !== key) return complain(t("error.one_call"));
    chosen = key; pinned = true; tag = "";
    ask();
    bringUp();
    return undefined;
  }
  function bringUp() {
    if (window.innerWidth <= 900) $("featured").scrollIntoView({ block: "start" });
    else if (seen && seen.held) window.scrollTo({ top: 0 });
  }
  function drawArm() {
    const isBusy = Boolean(seen.held);
    $("arm").classList.toggle("is-armed", seen.armed);
    $("arm-button").setAttribute("aria-pressed", String(seen.armed));
    $("arm-button").disabled = isBusy;
    setText($("arm-text"), seen.armed ? t("arm.waiting") : t("arm.button"));
    $("arm-button").title = seen.armed ? t("arm.cancel") : "";
  }

  // The wall

  const cards = new Map();
  function drawGrid() {
    const wanted = seen.phones.map((phone) => phone.key);
    // A phone keeps its place while it is shown: a wall that reshuffles cannot be read.
    const fresh = wanted.filter((key) => !order.includes(key));
    order = order.map((key) => (wanted.includes(key) ? key : fresh.shift())).filter(Boolean).concat(fresh);
    const byKey = new Map(seen.phones.map((phone) => [phone.key, phone]));
    const grid = $("grid");
    for (const [key, card] of cards) if (!byKey.has(key)) { card.node.remove(); cards.delete(key); }
    order.forEach((key, place) => {
      const card = cards.get(key) || newCard(key);
      fillCard(card, byKey.get(key));
      if (grid.children[place] !== card.node) grid.insertBefore(card.node, grid.children[place] || null);
    });
    setText($("found"), t("filter.found", { n: seen.found }));
    setText($("live"), seen.live ? t("filter.live", { n: seen.live }) : "");
    $("none").hidden = seen.found > 0;
    $("more").hidden = seen.found <= seen.phones.length;
  }
  function newCard(key) {
    const face = button("phone small", "", () => pick(key));
    const card = { node: el("li", "", face), face, json: "" };
    cards.set(key, card);
    return card;
  }
  function fillCard(card, phone) {
    card.face.setAttribute("aria-pressed", String(phone.key === chosen));
    const json = JSON.stringify(phone);
    if (json === card.json) return;
    card.json = json;
    const call = liveCall(phone);
    card.face.className = `phone small hue-${hue(phone.key)} ${phone.line}${call ? ` ${call.state}` : ""}${phone.holder === "me" ? " mine" : ""}`;
    card.face.setAttribute("aria-label", `${[t("phone.show", { name: titleOf(phone) }), sharedBy(phone), languageName(phone.language)].filter(Boolean).join(" · ")}${call ? ` · ${t(call.state === "talking" ? "call.talking" : "call.ringing_short")}` : ""}`);
    const screen = el("span", "screen");
    const last = call ? [call] : phone.entries.slice(-2);
    screen.classList.toggle("one", last.length === 1);
    if (!last.length) screen.append(el("span", "sleeps", icon(phone.line === "landline" ? "home" : "phone")));
    for (const entry of last) screen.append(smallEntry(entry, phone));
    card.face.replaceChildren(el("span", "bezel",
      el("span", "bar", el("span", "status-time", ""), el("span", "notch"), inLanguage(el("span", "chip", languageName(phone.language) || "·"), phone.language)),
      el("span", "owner", el("b", "native", titleOf(phone)), el("small", "", siteName(phone.site) || phone.number), sharedBy(phone) ? el("span", "shared", icon("people"), sharedBy(phone)) : null),
      screen));
    if (seen) setText(card.face.querySelector(".status-time"), hour.format(new Date(now())));
  }
  function liveCall(phone) { const last = phone.entries.filter((entry) => entry.kind === "call" && entry.state !== "over"); return last[last.length - 1] || null; }
  function smallEntry(entry, phone) {
    if (entry.kind === "text") {
      const bubble = el("span", `bubble ${entry.from_phone ? "out" : "in"} ${entry.state}`, el("span", "native", entry.body));
      return inLanguage(bubble, entry.from_phone ? "" : phone.language);
    }
    if (entry.state === "ringing") return el("span", "mini-call ringing", el("span", "rings", icon("phone")), el("span", "", t(entry.from_phone ? "call.calling" : "call.ringing")));
    if (entry.state === "talking") {
      const line = [...entry.lines].reverse().find((one) => one.text);
      const shows = line ? (line.what === "pressed" ? t("call.pressed", { keys: line.text }) : line.text) : t("call.talking");
      return el("span", "mini-call talking", el("span", "waves", el("i"), el("i"), el("i"), el("i")), el("span", "native caption", shows));
    }
    return el("span", `mini-call over ${entry.outcome}`, icon("phone"), el("span", "", overText(entry, "call.talked")), entry.keys.length ? el("b", "keys", entry.keys.join(" ")) : null);
  }
  function overText(call, over = "call.over") {
    if (call.from_phone) return t("call.called");
    if (call.outcome === "completed") return t(over, { seconds: call.seconds });
    return t({ busy: "call.busy", failed: "call.failed", canceled: "call.canceled" }[call.outcome] || "call.missed");
  }

  // The large phone: built once, so that what is being typed and where the focus is stay as they are

  const large = { key: "", entries: new Map() };
  const drafts = new Map();  // what was typed on a phone and not sent: a call that rings elsewhere must not lose it
  function keepDraft(next) {
    drafts.set(large.key, large.input.value);
    large.input.value = drafts.get(next) || "";
  }
  function buildLarge() {
    large.title = el("b", "native");
    large.about = el("small");
    large.chip = el("span", "chip");
    large.holding = el("p", "holding");
    large.thread = el("ol", "thread");
    large.thread.tabIndex = 0;
    large.quiet = el("p", "quiet-note", t("phone.quiet"));
    large.overlay = el("div", "overlay");
    large.overlay.hidden = true;
    large.input = el("textarea", "compose");
    large.input.rows = 1;
    large.input.maxLength = 480;
    large.input.setAttribute("aria-label", t("phone.write"));
    large.input.placeholder = t("phone.write");
    large.input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); large.form.requestSubmit(); }
    });
    const send = button("round send", icon("send"), () => {});
    send.type = "submit";
    send.setAttribute("aria-label", t("phone.send"));
    large.form = el("form", "composer", large.input, send);
    large.form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (await handset("text", { body: large.input.value })) large.input.value = "";
    });
    large.quick = el("div", "quick", ...["1", "2"].map((key) => button("pill", t("phone.quick", { key }), () => handset("text", { body: key }))));
    large.take = button("button", t("phone.take"), () => handset(large.take.dataset.act));
    large.call = button("button primary", "", () => { unlock(); handset("call"); });
    large.call.append(icon("phone"), t("phone.call"));
    large.call.hidden = body.hotline !== "yes";
    $("featured").replaceChildren(
      el("div", "phone-tools", large.call, large.take),
      el("div", "bezel",
        el("div", "bar", el("span", "status-time"), el("span", "notch"), large.chip),
        el("header", "owner", large.title, large.about),
        el("div", "screen", large.quiet, large.thread, large.overlay),
        large.quick, large.form),
      large.holding);
  }
  function drawNobody() {
    if (!large.title) buildLarge();
    setText(large.title, t("title"));
    setText(large.quiet, t("phone.choose"));
    large.take.hidden = large.call.hidden = large.form.hidden = large.quick.hidden = true;
  }
  function drawLarge(phone) {
    if (!large.title) buildLarge();
    if (large.key !== phone.key) { toEnd = true; thanksUntil = 0; keepDraft(phone.key); large.key = phone.key; large.entries.clear(); large.thread.replaceChildren(); }
    $("featured").className = `phone large hue-${hue(phone.key)} ${phone.line}`;
    setText(large.title, titleOf(phone));
    setText(large.about, [phone.number, sharedBy(phone), siteName(phone.site), phone.line === "landline" ? t("phone.landline") : ""].filter(Boolean).join(" · "));
    setText(large.chip, languageInFull(phone.language) || "·");
    large.chip.lang = phone.language;
    setText(large.quiet, t(phone.people === 0 ? "phone.stranger_quiet" : "phone.quiet"));
    large.quiet.hidden = phone.entries.length > 0;
    const call = liveCall(phone), isMine = call && call.mine && call.is_held;
    drawOverlay(phone, isMine ? call : null);
    const isOthers = phone.holder === "other";
    const keeps = isOthers ? t("phone.other") : phone.kept && phone.holder === "me" ? t("phone.taken") : "";
    setText(large.holding, performance.now() < thanksUntil && !isMine ? thanks : keeps);
    large.take.hidden = isOthers || Boolean(isMine);
    setText(large.take, phone.kept ? t("phone.release") : t("phone.take"));
    large.take.dataset.act = phone.kept ? "release" : "take";
    large.call.hidden = body.hotline !== "yes" || isOthers || Boolean(call);
    large.form.hidden = large.quick.hidden = phone.line === "landline" || isOthers || Boolean(isMine);
    drawThread(phone, isMine ? call.id : "");
  }
  function drawThread(phone, without) {
    const thread = large.thread, atEnd = thread.scrollHeight - thread.scrollTop - thread.clientHeight < 60;
    let grew = false;
    const wanted = phone.entries.filter((entry) => entry.id !== without);
    for (const [id, one] of large.entries) if (!wanted.some((entry) => entry.id === id)) { one.node.remove(); large.entries.delete(id); }
    for (const entry of wanted) {
      const json = JSON.stringify({ ...entry, programme: 0, rings_for: 0, is_held: 0 });
      const known = large.entries.get(entry.id);
      if (known && known.json === json) continue;
      const node = el("li", `entry ${entry.from_phone ? "out" : "in"}${known ? "" : " fresh"}`, ...(entry.kind === "text" ? textParts(entry, phone) : callParts(entry)));
      if (known) known.node.replaceWith(node); else thread.append(node);
      large.entries.set(entry.id, { node, json });
      grew = true;
    }
    if ((grew && atEnd) || toEnd) thread.scrollTop = thread.scrollHeight;
    toEnd = false;
  }
  function textParts(entry, phone) {
    const bubble = el("p", `bubble native ${entry.from_phone ? "out" : "in"} ${entry.state}`, entry.body);
    const note = entry.from_phone ? "" : entry.state === "travelling" ? ` · ${t("phone.travelling")}` : entry.state === "lost" ? ` · ${t("phone.lost")}` : "";
    return [inLanguage(bubble, entry.from_phone ? "" : phone.language), el("small", "stamp", (entry.from_phone ? "" : `${t("phone.sender")} · `) + hour.format(new Date(entry.at)) + note)];
  }
  function callParts(call) {
    const head = call.state === "over" ? overText(call) : t(call.state === "talking" ? "call.talking" : call.from_phone ? "call.calling" : "call.ringing");
    const by = call.state === "over" && call.seconds ? { handset: t("call.by_handset"), document: t("call.by_document") }[call.by] : "";
    const box = el("div", `call-box ${call.state} ${call.outcome}`, el("p", "call-head", icon("phone"), el("b", "", [head, by].filter(Boolean).join(" · "))));
    if (call.lines.length) box.append(transcript(call));
    return [box, el("small", "stamp", hour.format(new Date(call.at)))];
  }
  function transcript(call) {
    const lines = el("ol", "lines");
    for (const line of call.lines) addLine(lines, line);
    return lines;
  }
  // Clips follow one another as one sentence does: what is said between two keys reads as one paragraph.
  function addLine(list, line) {
    const last = list.lastElementChild;
    if (line.what !== "played" && line.what !== "said") { list.append(lineOf(line)); return; }
    if (!line.text && line.what === "played" && last && last.classList.contains("said")) return;
    const paragraph = last && last.classList.contains("said") ? last : el("li", "line said", el("span", "native words"), inLanguage(el("small", "back"), "en"));
    if (paragraph !== last) list.append(paragraph);
    const [said, back] = paragraph.children;
    said.append(said.hasChildNodes() ? " " : "", inLanguage(el("span", "", line.text || t("call.sound")), line.language));
    if (line.back) back.append(back.hasChildNodes() ? " " : "", line.back);
  }
  function lineOf(line) {
    if (line.what === "pressed") return el("li", "line pressed", el("kbd", "", line.text));
    if (line.what === "silent") return el("li", "line silent", t("call.silent"));
    return el("li", `line told ${line.what}`, t(`call.${line.what}`, { n: line.text }));
  }

  // A call in the visitor's hand

  let ringsUntil = 0, talkingSince = 0, thanks = "", thanksUntil = 0, toEnd = false, over = { id: "", state: "" };
  function drawOverlay(phone, call) {
    const state = call ? call.state : "";
    if (state !== "ringing") ringsUntil = 0;
    if (over.id !== (call ? call.id : "") || over.state !== state) {
      const hadFocus = large.overlay.contains(document.activeElement);
      const ended = over.state && !call;
      const wasRinging = over.state === "ringing";
      over = { id: call ? call.id : "", state };
      large.overlay.hidden = !call;
      if (state === "ringing") showRinging(phone, call);
      if (state === "talking") showTalking(call);
      if (!call) { talkingSince = 0; large.overlay.replaceChildren(); }
      if (ended) {
        const mine = phone.entries.filter((entry) => entry.kind === "call").pop();
        thanks = t(!(mine && mine.mine) ? "call.looked_away" : wasRinging ? "call.declined" : "call.thanks");
        thanksUntil = performance.now() + 12000;
        toEnd = true;
        say(thanks);
      }
      if (hadFocus && ended) large.take.focus();
    }
    if (state === "talking") fillTranscript(call);
  }
  function showRinging(phone, call) {
    ringsUntil = call.from_phone ? 0 : performance.now() + call.rings_for * 1000;
    const left = el("p", "rings-for");
    left.id = "rings-for";
    const whose = el("p", "for native", [titleOf(phone), sharedBy(phone), languageInFull(phone.language)].filter(Boolean).join(" · "));
    const who = el("div", "caller", whose, el("span", "avatar rings", icon("phone")), el("b", "", t("phone.sender")), el("span", "", t(call.from_phone ? "call.calling" : "call.ringing")), left);
    const hang = button("round bad", icon("phone"), () => handset(call.from_phone ? "hangup" : "decline"));
    hang.setAttribute("aria-label", t(call.from_phone ? "call.hangup" : "call.decline"));
    const buttons = el("div", "call-buttons", el("label", "", hang, el("span", "", t(call.from_phone ? "call.hangup" : "call.decline"))));
    large.overlay.replaceChildren(who, buttons);
    if (call.from_phone) return;
    const answer = button("round good", icon("phone"), () => { unlock(); handset("answer"); });
    answer.setAttribute("aria-label", t("call.answer"));
    answer.id = "answer";
    buttons.append(el("label", "", answer, el("span", "", t("call.answer"))));
    if (!document.activeElement || document.activeElement === document.body) answer.focus({ preventScroll: true });
    say(`${t("call.ringing")}: ${titleOf(phone)}`);
  }
  function showTalking(call) {
    talkingSince = performance.now();
    const time = el("span", "call-timer", "0:00");
    time.id = "call-timer";
    large.mark = el("p", "mark-placeholder", t("sound.placeholder"));
    markSound(player.current);
    large.lines = el("ol", "lines live");
    large.lines.tabIndex = 0;
    large.lines.setAttribute("aria-label", t("call.transcript"));
    large.lines.setAttribute("aria-live", "polite");
    const keys = el("div", "keypad", ...["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"].map((key) => {
      const made = button("key", key, () => press(key));
      made.setAttribute("aria-label", t("call.key", { key: { "*": t("call.star"), "#": t("call.hash") }[key] || key }));
      made.dataset.key = key;
      return made;
    }));
    keys.setAttribute("role", "group");
    keys.setAttribute("aria-label", t("call.keypad"));
    large.keys = keys;
    buildRecord();
    buildStaff();
    const hang = button("round bad", icon("phone"), () => { player.stop(); handset("hangup"); });
    hang.setAttribute("aria-label", t("call.hangup"));
    hang.id = "hangup";
    large.overlay.replaceChildren(
      el("div", "talk-head", el("b", "", t("phone.sender")), time, el("span", "waves", el("i"), el("i"), el("i"), el("i"))),
      large.mark, large.lines, large.record, large.staff, keys, el("div", "call-buttons", hang));
    keys.querySelector("[data-key='1']").focus({ preventScroll: true });
    large.count = 0;
  }
  function fillTranscript(call) {
    if (call.records && large.record.hidden) { spoken = 0; setText(large.spoken, ""); }
    const had = large.overlay.contains(document.activeElement) ? document.activeElement : null;
    // While the clinic's phone rings no key is heard, and a recording has its own button for the one that ends it.
    for (const [part, isShown] of [[large.record, call.records], [large.staff, call.dials], [large.keys, !call.records && !call.dials]]) {
      const begins = isShown && part.hidden;
      part.hidden = !isShown;
      if (begins && had) part.querySelector("button").focus({ preventScroll: true });
    }
    for (const line of call.lines.slice(large.count)) addLine(large.lines, line);
    if (call.lines.length !== large.count) { large.count = call.lines.length; large.lines.scrollTop = large.lines.scrollHeight; }
  }
  let spoken = 0;
  function buildRecord() {
    large.spoken = el("p", "spoken");
    large.spoken.setAttribute("role", "status");
    const talk = button("button primary", t("call.speak"), async () => {
      if (await handset("speak")) { spoken += 3; setText(large.spoken, t("call.spoken", { n: spoken })); }
    });
    talk.title = t("call.recording_hint");
    large.record = el("div", "panel record",
      el("p", "", el("span", "dot"), el("b", "", t("call.recording"))),
      el("div", "panel-buttons", talk, button("button", t("call.stop"), () => press("#"))),
      large.spoken, el("small", "", t("call.recording_hint")));
    large.record.hidden = true;
  }
  function buildStaff() {
    const choice = (word, picks_up) => button(`button${picks_up === "yes" ? " primary" : ""}`, t(word), () => handset("staff", { picks_up }));
    large.staff = el("div", "panel staff",
      el("p", "", el("b", "", t("call.dialling"))),
      el("div", "panel-buttons", choice("call.staff_yes", "yes"), choice("call.staff_no", "no")),
      el("small", "", t("call.dialling_hint")));
    large.staff.hidden = true;
  }
  let lastPress = { key: "", at: 0 };
  async function press(key) {
    // A double tap on one key is one press: the second would answer a question nobody has heard yet. In a number of
    // several digits two equal ones are two.
    if (!player.takesMany && lastPress.key === key && performance.now() - lastPress.at < 350) return;
    lastPress = { key, at: performance.now() };
    beep(key);
    if (await handset("press", { keys: key })) player.cutAtNext();
  }
  document.addEventListener("keydown", (event) => {
    if (over.state !== "talking" || event.ctrlKey || event.metaKey || event.altKey || /TEXTAREA|INPUT|SELECT/.test(event.target.tagName)) return;
    if (/^[0-9*#]$/.test(event.key)) { event.preventDefault(); press(event.key); }
  });
  function say(text) { setText($("status"), text); }
  // Of what is heard now, not of the call: recorded phrases and placeholders stand side by side in it.
  function markSound(one) { if (large.mark) large.mark.hidden = !(one && one.is_placeholder); }

  // Sound

  let context = null, isOn = kept(localStorage, "tamnat-sound") !== "off", ringTimer = 0;
  function unlock() {
    try {
      context = context || new AudioContext();
      if (context.state === "suspended") context.resume();
    } catch { context = null; }
    $("gesture").hidden = true;
  }
  const hasGesture = () => Boolean(context && context.state === "running") || Boolean(navigator.userActivation && navigator.userActivation.hasBeenActive);
  for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, unlock, { capture: true });
  function tone(frequencies, seconds, loud, at = 0) {
    if (!context || context.state !== "running" || !isOn) return;
    const start = context.currentTime + at, gain = context.createGain();
    gain.gain.setValueAtTime(0, start);
    gain.gain.linearRampToValueAtTime(loud, start + 0.02);
    gain.gain.setValueAtTime(loud, start + seconds - 0.04);
    gain.gain.linearRampToValueAtTime(0, start + seconds);
    gain.connect(context.destination);
    for (const frequency of frequencies) {
      const sound = context.createOscillator();
      sound.frequency.value = frequency;
      sound.connect(gain);
      sound.start(start);
      sound.stop(start + seconds);
    }
  }
  function beep(key) {
    const rows = ["123", "456", "789", "*0#"], row = rows.findIndex((one) => one.includes(key));
    tone([[697, 770, 852, 941][row], [1209, 1336, 1477][rows[row].indexOf(key)]], 0.12, 0.05);
  }
  function ring() {
    if (document.hidden) return;  // a tab in the background rings nobody's ears
    for (let n = 0; n < 3; n += 1) { tone([659, 831], 0.16, 0.07, n * 0.4); tone([784, 988], 0.16, 0.07, n * 0.4 + 0.18); }
  }
  function drawSound() {
    setText($("sound"), isOn ? t("sound.on") : t("sound.off"));
    $("sound").setAttribute("aria-pressed", String(isOn));
    player.mute();
  }

  // Plays one call's clips one after another, in step with the network: the next is loaded while one is heard.
  const player = {
    call: "", number: 0, queue: [], current: null, cut: false, takesMany: false, waiting: 0, spares: [new Audio(), new Audio()],
    follow(call) {
      if (call.id !== this.call) { this.stop(); this.call = call.id; this.number = 0; this.cut = false; }
      const programme = call.programme;
      if (!programme || programme.number < this.number) return;
      this.takesMany = programme.takes_many;
      if (programme.number === this.number) { if (programme.is_cut) this.silence(); return; }
      this.number = programme.number;
      if (this.cut || programme.is_cut) this.silence();
      this.cut = false;
      if (programme.is_cut) return;
      let late = this.current || this.queue.length ? 0 : programme.elapsed;
      const rest = programme.prompts.filter((one) => { const isPast = late > 1.5 && late > one.seconds; late -= isPast ? one.seconds : 0; return !isPast; });
      this.queue.push(...rest);
      if (!this.current) this.next();
    },
    next() {
      const one = this.queue.shift();
      this.current = one || null;
      markSound(one);
      document.body.classList.toggle("hears", Boolean(one));
      if (!one) return;
      if (!one.url) { this.waiting = setTimeout(() => this.next(), one.seconds * 1000); speak(one); return; }
      const sound = this.spares[0];
      this.spares.reverse();
      const goOn = () => { if (this.current === one) this.next(); };
      sound.onended = goOn;
      sound.onerror = () => { complain(t("sound.failed")); this.waiting = setTimeout(goOn, one.seconds * 1000); };
      const address = here(one.url);
      if (sound.getAttribute("src") !== address) sound.src = address;
      sound.currentTime = 0;
      sound.muted = !isOn || speak(one);
      sound.play().catch((trouble) => { if (trouble.name === "NotAllowedError") { $("gesture").hidden = false; this.waiting = setTimeout(goOn, one.seconds * 1000); } });
      this.playing = sound;
      const after = this.queue[0];
      if (after && after.url) { this.spares[0].src = here(after.url); this.spares[0].preload = "auto"; }
    },
    mute() { if (this.playing) this.playing.muted = !isOn || isReading(); },
    cutAtNext() { this.cut = true; },
    silence() {
      this.queue = [];
      this.current = null;
      markSound(null);
      clearTimeout(this.waiting);
      for (const sound of this.spares) { sound.onended = sound.onerror = null; sound.pause(); }
      document.body.classList.remove("hears");
      if (window.speechSynthesis) speechSynthesis.cancel();
    },
    stop() { this.silence(); this.call = ""; this.number = 0; },
  };
  const here = (url) => (body.ownAudio === "yes" ? new URL(url).pathname : url);

  function listen(phone) {
    const call = phone && phone.entries.filter((entry) => entry.kind === "call" && entry.mine && entry.programme !== undefined).pop();
    const isRinging = Boolean(call && call.state === "ringing" && call.is_held && !call.from_phone);
    if (isRinging && !ringTimer) {
      if (isOn && !hasGesture()) $("gesture").hidden = false;
      ring();
      ringTimer = setInterval(ring, 2600);
    }
    if (!isRinging && ringTimer) { clearInterval(ringTimer); ringTimer = 0; }
    document.title = isRinging ? `☎ ${t("call.ringing")}` : `${t("title")} · Tamnat`;
    if (!call) return;
    if (call.state === "talking" && call.is_held) player.follow(call);
    // What the clinic says last is heard to its end; who hangs up themselves hears no more.
    if (call.state === "over" && call.id === player.call && call.by !== "document") player.stop();
    else if (call.state === "over" && call.id === player.call) player.follow(call);
  }

  // Captions read by a voice of this computer, where it has one that speaks the language

  const localVoice = (code) => (window.speechSynthesis ? speechSynthesis.getVoices() : []).find((voice) => voice.localService && code && voice.lang.toLowerCase().startsWith(code)) || null;
  const isReading = () => $("read-aloud").checked && !$("read").hidden;
  function offerReading() { $("read").hidden = !Object.keys(names.languages).some((code) => code.length === 2 && code !== "en" && localVoice(code)); }
  function speak(one) {
    const voice = isReading() && one.text ? localVoice(one.language) : null;
    if (!voice || !isOn) return false;
    const words = new SpeechSynthesisUtterance(one.text);
    words.voice = voice;
    words.lang = voice.lang;
    speechSynthesis.speak(words);
    return true;
  }
  if (window.speechSynthesis) { offerReading(); speechSynthesis.addEventListener("voiceschanged", offerReading); }

  // What can be pressed

  const armWish = () => ({ language: $("by-language").value, site: $("by-site").value, whose: $("by-whose").value });
  $("arm-button").addEventListener("click", () => (seen && seen.armed ? post("disarm") : post("arm", armWish())));
  $("sound").addEventListener("click", () => { isOn = !isOn; kept(localStorage, "tamnat-sound", isOn ? "on" : "off"); drawSound(); });
  $("other-language").addEventListener("click", async (event) => {
    if (await post("language", { language: event.currentTarget.dataset.language })) location.reload();
  });
  $("filters").addEventListener("submit", (event) => event.preventDefault());
  for (const id of ["by-language", "by-site", "by-whose"]) $(id).addEventListener("change", () => {
    shown = FIRST; order = []; tag = "";
    if (!(seen && seen.held)) { pinned = false; featuredSince = 0; }
    if (seen && seen.armed) post("arm", armWish());
    ask();
  });
  $("more").addEventListener("click", () => { shown += FIRST * 2; ask(); });
  if ($("clock-pause")) $("clock-pause").addEventListener("click", () => post(seen && seen.clock.paused ? "clock/resume" : "clock/pause"));
  if ($("clock-morning")) $("clock-morning").addEventListener("click", () => post("clock/morning"));
  for (const one of document.querySelectorAll(".segment")) one.addEventListener("click", () => post("clock/speed", { speed: one.dataset.speed }));
  // Nobody looks at a hidden tab: a call that rang there would only make time stand for everybody else.
  let waits = false;
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      waits = Boolean(seen && seen.armed);
      if (waits) post("disarm");
      return;
    }
    if (waits) post("arm", armWish());
    waits = false;
    armOnce();
    ask();
  });

  let hasArmed = new URLSearchParams(location.search).get("arm") === "no";  // ?arm=no: come to look, not to answer
  function armOnce() {
    if (hasArmed || document.hidden) return;
    hasArmed = true;
    post("arm", armWish());
  }
  document.body.append(...player.spares);
  drawSound();
  armOnce();
  ask();
})();
