// Colours, and swatches of what is drawn.
//
// A hue for each container, away from those that say something of their own, and a shade for each
// process in it; beyond the hues there are patterns. Lightness is chosen so that the page's paper as
// text on a block, and a block on the paper, can be told apart (WCAG 2.2, 1.4.3 and 1.4.11).

const HUES = [255, 150, 350, 115, 200], PATTERNS = 3;
const dark = matchMedia("(prefers-color-scheme: dark)");
const lightness = pid => (dark.matches ? 0.7 : 0.46) + pid % 4 * 0.02;
const colour = (cid, pid) => $("by-process").checked
  ? `oklch(${lightness(pid)} 0.11 ${(pid * 137.5 % 360).toFixed(1)})` : containerColour(cid, pid);
function containerColour(cid, pid) {
  return cid === 0 ? `oklch(${lightness(pid)} 0.02 255)`
    : `oklch(${lightness(pid)} 0.12 ${HUES[(cid - 1) % HUES.length]})`;
}
// 0 for none.
const patternOf = cid => cid === 0 || $("by-process").checked ? 0
  : Math.floor((cid - 1) / HUES.length) % PATTERNS;
let theme = {}, patterns = [];
function readTheme() {
  const style = getComputedStyle(document.documentElement);
  for (const name of ["paper", "ink", "faint", "rule", "row", "accent", "bad", "lock", "wait", "edge"])
    theme[name] = style.getPropertyValue("--" + name).trim();
  theme.isDark = dark.matches;
  patterns = [null, stripes(1), stripes(-1)];
}
// Stripes that rise or fall, as a tile.
function stripes(direction) {
  const tile = make("canvas"), pen = tile.getContext("2d"), size = 8;
  tile.width = tile.height = size;
  pen.strokeStyle = theme.paper;
  pen.lineWidth = 1.6;
  for (const shift of [-size, 0, size]) {
    pen.moveTo(shift, direction > 0 ? size : 0);
    pen.lineTo(shift + size, direction > 0 ? 0 : size);
  }
  pen.stroke();
  return context.createPattern(tile, "repeat");
}
function paintBlock(pen, cid, pid, left, top, wide, high) {
  pen.fillStyle = colour(cid, pid);
  pen.fillRect(left, top, wide, high);
  if (!patternOf(cid) || wide < 3) return;
  pen.fillStyle = patterns[patternOf(cid)];
  pen.fillRect(left, top, wide, high);
}
// A block's looks, in the words of a style.
function chipColour(cid, pid) {
  const angle = [0, -45, 45][patternOf(cid)], ink = colour(cid, pid);
  return angle ? `repeating-linear-gradient(${angle}deg, ${ink} 0 3px, ${theme.paper} 3px 4.5px)` : ink;
}
// Something small, drawn as the timeline draws it.
function swatch(paintIt, wide = 24) {
  const chip = make("canvas", null, "swatch"), pen = chip.getContext("2d"), high = 14;
  const ratio = Math.max(2, devicePixelRatio || 1);
  chip.width = wide * ratio;
  chip.height = high * ratio;
  chip.style.width = wide + "px";
  chip.style.height = high + "px";
  chip.setAttribute("aria-hidden", "true");
  pen.scale(ratio, ratio);
  paintIt(pen, wide, high);
  return chip;
}

// How each sort of mark looks: a call that was refused is quiet, what ended a process is not. The
// later ones lie on the earlier ones.
const SORTS = ["refused", "limited", "ended", "violation"];
function paintMark(pen, sort, place, y) {
  pen.beginPath();
  switch (sort) {
  case "violation":
    pen.arc(place, y + 8.5, 6, 0, 7);
    break;
  case "ended":
    for (const [wide, ink] of [[5, theme.paper], [2.4, theme.bad]]) {
      pen.beginPath();
      pen.lineWidth = wide;
      pen.strokeStyle = ink;
      for (const way of [-1, 1]) {
        pen.moveTo(place - 4 * way, y + 4);
        pen.lineTo(place + 4 * way, y + 12);
      }
      pen.stroke();
    }
    pen.lineWidth = 1;
    return;
  default:
    pen.moveTo(place, y + 0.5);
    pen.lineTo(place + 4.5, y + 8);
    pen.lineTo(place - 4.5, y + 8);
    pen.closePath();
  }
  // A rim of paper tells it from whatever it lies on.
  const isHollow = sort === "refused";
  pen.lineJoin = "round";
  pen.lineWidth = isHollow ? 4 : 1.5;
  pen.strokeStyle = theme.paper;
  pen.stroke();
  pen.fillStyle = isHollow ? theme.paper : theme.bad;
  pen.fill();
  pen.lineWidth = 1.2;
  pen.strokeStyle = theme.bad;
  if (isHollow) pen.stroke();
  pen.lineWidth = 1;
}
function paintArrowhead(pen, place, y, up) {
  pen.beginPath();
  pen.moveTo(place, y);
  pen.lineTo(place - 3, y + 5 * up);
  pen.lineTo(place + 3, y + 5 * up);
  pen.fill();
}
function paintDots(pen, left, right, y) {
  pen.fillStyle = theme.faint;
  for (let place = left; place < right; place += 5) pen.fillRect(place, y - 1, 2, 2);
}
function paintHatch(pen, left, top, wide, high) {
  pen.save();
  pen.beginPath();
  pen.rect(left, top, wide, high);
  pen.clip();
  pen.strokeStyle = theme.edge;
  pen.beginPath();
  for (let place = left - high; place < left + wide; place += 9) {
    pen.moveTo(place, top + high);
    pen.lineTo(place + high, top);
  }
  pen.stroke();
  pen.restore();
}
