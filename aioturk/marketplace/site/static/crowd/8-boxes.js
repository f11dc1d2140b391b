// <crowd-bounding-box>: rectangles with labels on a picture, drawn with a mouse, a finger or the keyboard.

const COLOURS = [
  "#1f6fb2",
  "#b23b1f",
  "#2c7a32",
  "#7a3fa0",
  "#8a6100",
  "#a0245e",
  "#00707a",
  "#5b5b5b",
  "#4b4fbf",
  "#6b4226",
];
const EDGES = ["nw", "n", "ne", "e", "se", "s", "sw", "w"];
const SMALLEST = 4; // pixels of the picture: less is a slip of the hand

class CrowdBoundingBox extends CrowdWidget {
  static attributes = {
    name: String,
    header: String,
    src: String,
    labels: String,
    "initial-value": String,
    disabled: Boolean,
    required: Boolean,
  };
  static delegatesFocus = false;
  static styles = css`
    ${CrowdWidget.styles}
    .stage {
      position: relative;
      display: inline-block;
      max-width: 100%;
      margin-top: 8px;
      line-height: 0;
      touch-action: none;
      cursor: crosshair;
      user-select: none;
    }
    .stage img {
      max-width: 100%;
      -webkit-user-drag: none;
    }
    .box {
      position: absolute;
      border: 2px solid var(--colour);
      box-shadow:
        0 0 0 1px #fff,
        inset 0 0 0 1px #fff;
      cursor: move;
      line-height: 1.2;
      min-width: 0;
      padding: 0;
      margin: 0;
    }
    .box.chosen {
      background: rgb(255 255 255 / 0.25);
      z-index: 2;
    }
    .box:focus-visible {
      outline-offset: 4px;
      z-index: 3;
    }
    .box .tag {
      position: absolute;
      left: 0;
      top: 0;
      background: var(--colour);
      color: #fff;
      font-size: 12px;
      padding: 0 4px;
      pointer-events: none;
      white-space: nowrap;
    }
    .grip {
      position: absolute;
      width: 14px;
      height: 14px;
      margin: -7px;
      background: #fff;
      border: 2px solid var(--colour);
      display: none;
    }
    .chosen .grip {
      display: block;
    }
    .n {
      top: 0;
      left: 50%;
      cursor: ns-resize;
    }
    .s {
      top: 100%;
      left: 50%;
      cursor: ns-resize;
    }
    .w {
      left: 0;
      top: 50%;
      cursor: ew-resize;
    }
    .e {
      left: 100%;
      top: 50%;
      cursor: ew-resize;
    }
    .nw {
      left: 0;
      top: 0;
      cursor: nwse-resize;
    }
    .se {
      left: 100%;
      top: 100%;
      cursor: nwse-resize;
    }
    .ne {
      left: 100%;
      top: 0;
      cursor: nesw-resize;
    }
    .sw {
      left: 0;
      top: 100%;
      cursor: nesw-resize;
    }
    .row {
      display: flex;
      flex-wrap: wrap;
      gap: 4px 16px;
      align-items: center;
    }
    .swatch {
      display: inline-block;
      width: 1em;
      height: 1em;
      background: var(--colour);
      vertical-align: -0.1em;
    }
    ol {
      padding-left: 1.5em;
    }
    li {
      margin: 4px 0;
    }
  `;
  #labels = make("fieldset");
  #stage = make("div", { class: "stage" });
  #image = make("img", { alt: "The picture to mark", draggable: false });
  #list = make("ol");
  #said = make("p", { role: "status" });
  #add = make("button", { type: "button" }, "Add a box");
  #boxes = [];
  #chosen = null;
  #known = "";
  #isModified = false;
  #hasInitial = false;

  body() {
    this.#stage.append(this.#image);
    this.#stage.addEventListener("pointerdown", (event) => this.#press(event));
    this.#image.addEventListener("load", () => this.#draw());
    this.#image.addEventListener("error", () => this.#tell("The picture could not be loaded."));
    this.#add.addEventListener("click", () => this.#addBox());
    const help = make(
      "p",
      { class: "note" },
      "Drag on the picture to draw a box; drag a box or its grips to change it. With the keyboard: " +
        "“Add a box”, then the arrow keys move the box, Shift with them makes it larger or smaller, Alt goes in " +
        "steps of one pixel, and Delete removes it.",
    );
    return [this.#labels, help, this.#add, make("div", {}, this.#stage), this.#said, this.#list];
  }

  arrange() {
    const labels = this.labelNames;
    if (JSON.stringify(labels) !== this.#known) {
      this.#known = JSON.stringify(labels);
      const choices = labels.map((label, at) => {
        const swatch = make("span", { class: "swatch", "aria-hidden": "true" });
        swatch.style.setProperty("--colour", this.#colour(label));
        return make(
          "label",
          { class: "choice" },
          make("input", { type: "radio", name: "label", value: label, checked: at === 0 }),
          swatch,
          label,
        );
      });
      this.#labels.replaceChildren(make("legend", {}, "Label of new boxes"), make("div", { class: "row" }, ...choices));
    }
    const src = this.getAttribute("src");
    if (src && this.#image.getAttribute("src") !== src) this.#image.src = src;
    if (!this.#hasInitial && this.hasAttribute("initial-value")) {
      this.#hasInitial = true;
      this.#boxes = this.#cleaned(this.literal("initial-value", []));
    }
    this.#labels.disabled = this.isDisabled;
    this.#add.disabled = this.isDisabled;
    this.#draw();
  }

  get labelNames() {
    const labels = this.texts("labels");
    return labels.length ? labels : ["Box"];
  }

  /** The answer so far; its boxes can be set too. */
  get value() {
    const boundingBoxes = this.#boxes.map(({ height, label, left, top, width }) => ({
      height,
      label,
      left,
      top,
      width,
    }));
    const inputImageProperties = { height: this.#image.naturalHeight, width: this.#image.naturalWidth };
    const extra = this.hasAttribute("initial-value") ? { initialValueModified: this.#isModified } : {};
    return { boundingBoxes, ...extra, inputImageProperties };
  }

  set value(value) {
    this.#boxes = this.#cleaned(value?.boundingBoxes ?? []);
    if (value?.initialValueModified !== undefined) this.#isModified = Boolean(value.initialValueModified);
    this.#draw();
  }

  get answer() {
    return this.value;
  }

  get incomplete() {
    if (!this.#image.naturalWidth) return "The picture is not there, so nothing can be marked on it.";
    return this.hasAttribute("required") && this.#boxes.length === 0 ? "Please draw at least one box." : "";
  }

  focus(options) {
    this.#add.focus(options);
  }

  reset() {
    this.#hasInitial = false;
    this.#isModified = false;
    this.#boxes = [];
    this.#chosen = null;
    this.refresh();
  }

  #cleaned(boxes) {
    const number = (value) => Math.round(Number(value)) || 0;
    return [...boxes].map((box) => ({
      height: number(box.height),
      label: String(box.label),
      left: number(box.left),
      top: number(box.top),
      width: number(box.width),
    }));
  }

  get #label() {
    return this.#labels.querySelector("input:checked")?.value ?? this.labelNames[0];
  }

  #colour(label) {
    return COLOURS[Math.max(0, this.labelNames.indexOf(label)) % COLOURS.length];
  }

  #tell(text) {
    this.#said.textContent = text;
  }

  // Where a pointer is, in the picture's own pixels.
  #place(event) {
    const area = this.#image.getBoundingClientRect();
    const scale = this.#image.naturalWidth / area.width;
    return { x: (event.clientX - area.left) * scale, y: (event.clientY - area.top) * scale };
  }

  // A box from two opposite corners, within the picture.
  #between(label, x1, y1, x2, y2) {
    const clamp = (value, most) => Math.round(Math.min(Math.max(value, 0), most));
    const { naturalWidth, naturalHeight } = this.#image;
    const left = clamp(Math.min(x1, x2), naturalWidth);
    const top = clamp(Math.min(y1, y2), naturalHeight);
    return {
      label,
      left,
      top,
      width: clamp(Math.max(x1, x2), naturalWidth) - left,
      height: clamp(Math.max(y1, y2), naturalHeight) - top,
    };
  }

  #shift(box, x, y) {
    const { naturalWidth, naturalHeight } = this.#image;
    const left = Math.min(Math.max(box.left + Math.round(x), 0), Math.max(0, naturalWidth - box.width));
    const top = Math.min(Math.max(box.top + Math.round(y), 0), Math.max(0, naturalHeight - box.height));
    return { ...box, left, top };
  }

  #press(event) {
    if (event.button !== 0 || this.isDisabled || !this.#image.naturalWidth) return;
    const target = event.target;
    const at = Number(target.closest(".box")?.dataset.at ?? -1);
    const start = this.#place(event);
    const before = this.#boxes[at];
    const edge = target.dataset.edge;
    event.preventDefault(); // no selection of text, no drag of the picture
    this.#stage.setPointerCapture(event.pointerId);
    this.#chosen = at < 0 ? null : at;

    const follow = (moved) => {
      const { x, y } = this.#place(moved);
      if (at < 0) return this.#between(this.#label, start.x, start.y, x, y);
      if (!edge) return this.#shift(before, x - start.x, y - start.y);
      const right = before.left + before.width;
      const bottom = before.top + before.height;
      return this.#between(
        before.label,
        edge.includes("w") ? before.left + x - start.x : before.left,
        edge.includes("n") ? before.top + y - start.y : before.top,
        edge.includes("e") ? right + x - start.x : right,
        edge.includes("s") ? bottom + y - start.y : bottom,
      );
    };
    const move = (moved) => {
      const box = follow(moved);
      if (at >= 0) this.#boxes[at] = box;
      this.#draw(at < 0 ? box : null);
    };
    const end = (moved) => {
      this.#stage.removeEventListener("pointermove", move);
      this.#stage.removeEventListener("pointerup", end);
      this.#stage.removeEventListener("pointercancel", end);
      const box = moved.type === "pointerup" ? follow(moved) : before;
      const isTooSmall = !box || box.width < SMALLEST || box.height < SMALLEST;
      if (at < 0 && !isTooSmall) {
        this.#chosen = this.#boxes.push(box) - 1;
        this.#changed(`${box.label} added.`);
      } else if (at >= 0) {
        this.#boxes[at] = isTooSmall ? before : box;
        if (JSON.stringify(this.#boxes[at]) !== JSON.stringify(before)) this.#changed(`${before.label} changed.`);
      }
      this.#draw();
      if (this.#chosen !== null) this.#node(this.#chosen)?.focus({ preventScroll: true });
    };
    this.#stage.addEventListener("pointermove", move);
    this.#stage.addEventListener("pointerup", end);
    this.#stage.addEventListener("pointercancel", end);
    this.#draw();
  }

  #changed(text) {
    this.#isModified = true;
    this.#tell(text);
    this.announce("input", "change");
  }

  #addBox() {
    const { naturalWidth: width, naturalHeight: height } = this.#image;
    if (!width) return;
    const box = this.#between(this.#label, width / 4, height / 4, (3 * width) / 4, (3 * height) / 4);
    this.#chosen = this.#boxes.push(box) - 1;
    this.#changed(`${box.label} added in the middle.`);
    this.#draw();
    this.#node(this.#chosen).focus();
  }

  #remove(at) {
    const [gone] = this.#boxes.splice(at, 1);
    this.#chosen = null;
    this.#changed(`${gone.label} removed.`);
    this.#draw();
    this.#add.focus();
  }

  #key(event, at) {
    if (this.isDisabled) return;
    if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      this.#remove(at);
      return;
    }
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!way) return;
    event.preventDefault();
    const step = event.altKey ? 1 : Math.max(1, Math.round(this.#image.naturalWidth / 100));
    const box = this.#boxes[at];
    const [x, y] = way.map((each) => each * step);
    const resized = () =>
      this.#between(
        box.label,
        box.left,
        box.top,
        box.left + Math.max(SMALLEST, box.width + x),
        box.top + Math.max(SMALLEST, box.height + y),
      );
    this.#boxes[at] = event.shiftKey ? resized() : this.#shift(box, x, y);
    this.#chosen = at;
    this.#changed(this.#described(this.#boxes[at]));
    this.#draw();
    this.#node(at).focus();
  }

  #described({ label, left, top, width, height }) {
    return `${label}: ${width} by ${height} pixels, ${left} from the left, ${top} from the top`;
  }

  #node(at) {
    return this.#stage.querySelector(`.box[data-at="${at}"]`);
  }

  // Nodes are kept and changed, not made anew: one that was replaced would lose the focus and the pointer.
  #draw(unfinished = null) {
    const { naturalWidth: width, naturalHeight: height } = this.#image;
    const boxes = width ? [...this.#boxes, ...(unfinished ? [unfinished] : [])] : [];
    const nodes = [...this.#stage.querySelectorAll(".box")];
    nodes.slice(boxes.length).forEach((node) => node.remove());
    boxes.forEach((box, at) => {
      const node = nodes[at] ?? this.#stage.appendChild(this.#makeBox(at));
      node.style.setProperty("--colour", this.#colour(box.label));
      node.style.left = `${(100 * box.left) / width}%`;
      node.style.top = `${(100 * box.top) / height}%`;
      node.style.width = `${(100 * box.width) / width}%`;
      node.style.height = `${(100 * box.height) / height}%`;
      node.setAttribute("aria-label", this.#described(box));
      node.setAttribute("aria-pressed", String(at === this.#chosen));
      node.classList.toggle("chosen", at === this.#chosen);
      node.querySelector(".tag").textContent = box.label;
    });
    this.#describe();
  }

  #makeBox(at) {
    const grips = EDGES.map((edge) => make("span", { class: `grip ${edge}`, "data-edge": edge }));
    const node = make(
      "div",
      { class: "box", role: "button", tabIndex: 0, "data-at": String(at) },
      make("span", { class: "tag" }),
      ...grips,
    );
    node.addEventListener("keydown", (event) => this.#key(event, at));
    node.addEventListener("focus", () => {
      if (this.#chosen === at) return;
      this.#chosen = at;
      this.#draw();
    });
    return node;
  }

  // The boxes as a list, where each can be given another label or be removed without aiming.
  #describe() {
    const labels = this.labelNames;
    const items = [...this.#list.children];
    items.slice(this.#boxes.length).forEach((item) => item.remove());
    this.#boxes.forEach((box, at) => {
      const item = items[at] ?? this.#list.appendChild(this.#makeItem(at));
      const select = item.querySelector("select");
      const choices = labels.includes(box.label) ? labels : [...labels, box.label];
      if (select.length !== choices.length) select.replaceChildren(...choices.map((label) => new Option(label)));
      select.value = box.label;
      item.querySelector("span").textContent = ` ${box.width} × ${box.height} pixels at ${box.left}, ${box.top} `;
      for (const control of item.querySelectorAll("select, button")) control.disabled = this.isDisabled;
    });
  }

  #makeItem(at) {
    const select = make("select", { "aria-label": `Label of box ${at + 1}` });
    select.addEventListener("change", () => {
      this.#boxes[at].label = select.value;
      this.#changed(`Box ${at + 1} is ${select.value} now.`);
      this.#draw();
    });
    const remove = make(
      "button",
      { type: "button", class: "link", "aria-label": `Remove box ${at + 1}`, onclick: () => this.#remove(at) },
      "Remove",
    );
    return make("li", {}, select, make("span"), remove);
  }
}
