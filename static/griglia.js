/* In the grid of a quarter the arrows go up and down a column. Without it, Tab goes through all. */
"use strict";

const STEPS = { ArrowUp: -1, ArrowDown: 1 };

document.querySelector(".griglia")?.addEventListener("keydown", (event) => {
  const step = STEPS[event.key];
  if (!step || !event.target.matches(".numero input")) return;
  const column = event.target.name.replace(/^\d+-/, "-");
  const cells = [...event.currentTarget.querySelectorAll(`.numero input[name$="${column}"]`)];
  const next = cells[cells.indexOf(event.target) + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
  next.select();
});
