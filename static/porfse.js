/* Everything here is an addition: each page can be read with JavaScript off. */
"use strict";

/* Charts: plotly.js (1 MB) is fetched when the first chart comes into view. */
const PLOTLY_CONFIG = { locale: "it", displayModeBar: false };
const figures = new WeakMap(); // of the charts that are drawn, by their place in the page
let library = null;

function attach(tag, attributes) {
  return new Promise((resolve, reject) => {
    const element = Object.assign(document.createElement(tag), attributes);
    element.addEventListener("load", resolve);
    element.addEventListener("error", () => reject(new Error(attributes.href ?? attributes.src)));
    document.head.append(element);
  });
}

/* plotly.js writes rules into the page, which the policy forbids, unless it finds elements with these
   ids. Its own rules are in our sheet; those of its maps, which we do not draw, are nowhere. */
const RULES = { id: "plotly.js-style-global", className: "no-inline-styles" };
const MAP_RULES = { id: "9f215cf04c5486422605d13261cb87401f4e7763b6296af81e98efbc0130da53" };

async function fetchLibrary({ foglio, libreria, lingua }) {
  await attach("link", { ...RULES, rel: "stylesheet", href: foglio });
  await attach("script", { ...MAP_RULES, src: libreria });
  await attach("script", { src: lingua });
}

/* Without a width, as wide as its place. Always anew: when a chart only changes its size, plotly.js
   leaves the legend where it was, over the bars. */
function plot(area, width) {
  const { data, layout } = figures.get(area);
  return Plotly.newPlot(area, data, { ...layout, width }, PLOTLY_CONFIG);
}

const resized = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (target.querySelector(".main-svg").clientWidth !== target.clientWidth) plot(target);
  }
});

async function draw(area) {
  const figure = JSON.parse(document.getElementById(area.dataset.grafico).textContent);
  area.style.height = `${figure.layout.height}px`; // kept when the window changes width
  try {
    library ??= fetchLibrary(area.dataset);
    await library;
    figures.set(area, figure);
    await plot(area);
    resized.observe(area);
  } catch (error) {
    console.error(error);
    area.textContent = "Il grafico non è disponibile: i valori sono nella descrizione e nella tabella.";
  }
}

const inView = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (isIntersecting) {
      inView.unobserve(target);
      draw(target);
    }
  }
}, { rootMargin: "200px" });

function watchCharts(root) {
  root.querySelectorAll("[data-grafico]").forEach((area) => inView.observe(area));
}

/* On paper a drawn chart takes the width of an A4 page within its margins (pixels). */
function replot(width) {
  document.querySelectorAll(".js-plotly-plot").forEach((area) => plot(area, width));
}
window.addEventListener("beforeprint", () => replot(660));
window.addEventListener("afterprint", () => replot());

for (const button of document.querySelectorAll("[data-stampa]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
watchCharts(document);
document.addEventListener("htmx:afterSwap", (event) => watchCharts(event.detail.elt));
