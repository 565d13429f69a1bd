"use strict";
/* Shows one step of the session at a time.  The data is beside it in the page:

     rows       rows of pictures, each once: runs with a line end between them; the first letter of a run is its role, and
                a character from U+E000 on says how often the one before it stands there
     drawings   pictures: numbers of rows
     steps      for every position and layout: the drawings of timeline, network, step, chain, and each table
     why        for every position and layout: a drawing, and the step that each of its rows leads to
     rules      wrong rules that can stand beside: where their drawings differ from those in `steps`, and in `told` what
                a step gives under both

   Of a large page the data is packed, and unpacked when the page opens.
   Nothing of it ever becomes markup: it is put into the page as text. */
function walk(data) {
  const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  const $ = (id) => document.getElementById(id);
  const items = [...$("steps").children];
  const first = data.first, last = first + items.length - 1;
  const notes = items.map((item, k) => (item.querySelector(".note") ? first + k : -1)).filter((at) => at >= 0);
  const stops = [...document.querySelectorAll("#stops a")].map((a) => Number(a.hash.slice(6)));
  const halts = [...new Set([...notes, ...stops])].sort((a, b) => a - b);
  const panes = [$("timeline"), $("network"), $("step"), $("chain"), ...document.querySelectorAll("#tables pre")];
  const sorts = ["picture", "picture", "words", "words", ...Array(panes.length - 4).fill("table")];
  let position = first, rule = 0, layout = 0, left = null;

  // --- pictures ---------------------------------------------------------------------------------------

  const lengthened = (text) => text.replace(/(.)([\ue000-\ue0ff])/g, (both, char, count) => char.repeat(count.charCodeAt(0) - 0xe000));
  const runsOf = (row) =>
    row ? row.split("\n").map((run) => [data.roles[LETTERS.indexOf(run[0])], lengthened(run.slice(1))]) : [];

  function rowOf(number) {
    const row = document.createElement("span");
    for (const [role, text] of runsOf(data.rows[number])) {
      const run = document.createElement("span");
      if (role) run.className = "bp-" + role;
      run.textContent = text;
      row.append(run);
    }
    return row;
  }

  function draw(pane, drawing, columns, leads = []) {
    if (pane.drawing === drawing && pane.columns === columns && pane.leads === leads) return;
    Object.assign(pane, { drawing, columns, leads });
    pane.style.setProperty("--cols", columns);
    pane.replaceChildren();
    data.drawings[drawing].forEach((number, k) => {
      let row = rowOf(number);
      if (leads[k] >= first && leads[k] <= last && leads[k] > 0) {
        const lead = document.createElement("a");
        lead.href = "#step-" + leads[k];
        lead.append(row);
        row = lead;
      }
      pane.append(row, "\n");
    });
    pane.style.minHeight = "";
    const rows = data.drawings[drawing].length;
    pane.most = Math.max(pane.most || 0, rows);
    pane.style.minHeight = pane.most * 1.17 + "em"; // what has been as high stays as high: nothing below it moves
  }

  const link = (item) => item.querySelector("a");

  // --- one step ---------------------------------------------------------------------------------------

  function show() {
    const k = position - first, item = items[k];
    const beside = rule ? data.rules[rule - 1] : null;
    const drawings = ((beside && beside.steps[k]) || data.steps[k])[layout];
    const columns = data.layouts[layout];
    panes.forEach((pane, n) => draw(pane, drawings[n], columns[sorts[n]]));
    const words = item.querySelector(".words");
    $("words").textContent = words ? words.textContent : "";
    $("network").setAttribute("aria-label", "the picture at step " + position);
    $("slider").value = position;
    $("slider").setAttribute("aria-valuetext", "step " + position + " of " + last);
    $("here").textContent = position ? "step " + link(item).textContent : "start";
    $("here").href = "#step-" + position;
    $("facts").textContent = item.dataset.facts;
    showNote();
    showWhy(k, columns);
    showRule(beside, columns);
    $("parted").textContent = told(beside);
    for (const other of document.querySelectorAll("#steps .now")) {
      other.classList.remove("now");
      link(other).removeAttribute("aria-current");
    }
    item.classList.add("now");
    link(item).setAttribute("aria-current", "step");
    const list = $("steps"), top = item.offsetTop, low = top + item.offsetHeight;
    if (top < list.scrollTop || low > list.scrollTop + list.clientHeight) list.scrollTop = top - list.clientHeight / 3;
    for (const button of document.querySelectorAll("[data-go]")) button.disabled = target(button.dataset.go) === position;
    document.body.dataset.step = position;
  }

  // The story walks along: the last note there was stays until the next.
  function showNote() {
    const at = notes.filter((place) => place <= position).pop();
    $("note").hidden = at === undefined;
    if (at === undefined) return;
    const back = document.createElement("a");
    back.href = "#step-" + at;
    back.textContent = at ? "step " + link(items[at - first]).textContent : "start";
    $("note").replaceChildren(items[at - first].querySelector(".note").textContent + " ", ...(at < position ? [back] : []));
  }

  function showWhy(k, columns) {
    const tree = data.why[k];
    $("why").hidden = !tree.length;
    if (tree.length && $("why").open) draw($("why").querySelector("pre"), tree[layout][0], columns.table, tree[layout][1]);
  }

  function showRule(beside, columns) {
    $("wrong").hidden = !beside;
    if (!beside) return;
    draw($("wrong").querySelector("pre"), beside.lines, Math.max(columns.table, 76));
    $("wrong").querySelector("pre").style.minHeight = "";
    $("differs").textContent = beside.differs ? "the first step that differs: " + beside.differs : "it differs nowhere here";
    $("differs").href = "#step-" + (beside.differs >= first && beside.differs <= last ? beside.differs : position);
  }

  // What the step gives under both rules.
  function told(beside) {
    if (!beside) return "";
    return beside.told[position - first] || "the same by " + beside.name;
  }

  function read() {
    const item = items[position - first], beside = told(rule ? data.rules[rule - 1] : null);
    $("live").textContent = (position ? "step " : "") + item.textContent.replace(/\s+/g, " ") + " " + beside;
  }

  // --- movement ---------------------------------------------------------------------------------------

  const after = (places) => places.find((place) => place > position) ?? position;
  const before = (places) => places.filter((place) => place < position).pop() ?? position;

  function target(go) {
    const to = {
      start: () => first, end: () => last, step: () => position + 1, back: () => position - 1,
      neuron: () => after(data.neuron), "neuron-back": () => before(data.neuron),
      phase: () => after(data.phase), "phase-back": () => before(data.phase),
      note: () => after(halts), "note-back": () => before(halts),
    }[go]();
    return Math.min(last, Math.max(first, to));
  }

  function move(to, say = true) {
    position = Math.min(last, Math.max(first, to));
    try {
      history.replaceState(null, "", "#step-" + position);
    } catch (error) {
      // in a notebook a page has no address of its own; it steps all the same
    }
    show();
    if (say) read();
  }

  function asked() {
    const found = /^#step-(\d+)$/.exec(location.hash);
    return found ? Number(found[1]) : first;
  }

  const keys = {
    ArrowRight: "step", ArrowLeft: "back", Home: "start", End: "end", n: "neuron", N: "neuron-back", "]": "phase",
    "[": "phase-back", ".": "note", ",": "note-back", s: "step", S: "back",
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest("select,input")) return;
    if (event.key in keys) move(target(keys[event.key]));
    else if (event.key === "w") open($("why"));
    else if (event.key === "r" && data.rules.length) choose((rule + 1) % (data.rules.length + 1));
    else return;
    event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    const go = event.target.closest("[data-go]");
    const to = event.target.closest("a[href^='#step-']");
    if (go) move(target(go.dataset.go));
    else if (to && event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      move(Number(to.hash.slice(6)));
      const top = $("timeline").getBoundingClientRect().top;
      if (top < 0 || top > window.innerHeight / 2) $("controls").scrollIntoView();
    }
  });

  $("stage").addEventListener("touchstart", (event) => {
    const touch = event.touches[0], moves = event.target.closest("input,details pre");
    left = event.touches.length === 1 && !moves ? [touch.clientX, touch.clientY] : null;
  }, { passive: true });

  $("stage").addEventListener("touchend", (event) => {
    if (!left) return;
    const dx = event.changedTouches[0].clientX - left[0], dy = event.changedTouches[0].clientY - left[1];
    if (Math.abs(dx) > 40 && Math.abs(dx) > 2 * Math.abs(dy)) move(target(dx < 0 ? "step" : "back"));
    left = null;
  }, { passive: true });

  function open(part) {
    part.open = !part.open;
    show();
  }

  function choose(number) {
    rule = number;
    $("rule").value = String(rule);
    if (rule) $("wrong").open = true;
    show();
    read();
  }

  $("slider").addEventListener("input", () => move(Number($("slider").value)));
  $("rule").addEventListener("change", () => choose(Number($("rule").value)));
  $("why").addEventListener("toggle", show);
  window.addEventListener("hashchange", () => move(asked()));

  // --- the beginning ----------------------------------------------------------------------------------

  function fit() {
    const now = $("stage").clientWidth < 620 ? 1 : 0;
    if (now === layout && document.body.dataset.step) return;
    layout = now;
    for (const pane of document.querySelectorAll("#stage pre")) pane.most = 0;
    show();
  }

  position = Math.min(last, Math.max(first, asked()));
  items.forEach((item) => item.removeAttribute("id")); // from here on a link to a step shows it, and scrolls nowhere
  if (items[0].textContent.startsWith("start")) items[0].classList.add("step-0");
  document.body.classList.add("walks");
  for (const id of ["controls", "tables", "keys"]) $(id).hidden = false;
  $("beside").hidden = !data.rules.length;
  if (position > first && document.querySelector("#story details")) document.querySelector("#story details").open = false;
  for (const go of ["note", "note-back"]) document.querySelector(`[data-go="${go}"]`).hidden = !halts.length;
  window.addEventListener("resize", fit);
  window.addEventListener("beforeprint", () => document.querySelectorAll("#story details").forEach((story) => (story.open = true)));
  fit();
}

async function unpacked(text) {
  const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).json();
}

const embedded = document.getElementById("data");
if (embedded.type === "application/json") walk(JSON.parse(embedded.textContent));
else unpacked(embedded.textContent).then(walk);
