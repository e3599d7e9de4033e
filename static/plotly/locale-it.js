/* Italian for plotly.js: dates and the few words of the charts that we draw. */
"use strict";

Plotly.register({
  moduleType: "locale",
  name: "it",
  dictionary: {},
  format: {
    days: ["domenica", "lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato"],
    shortDays: ["dom", "lun", "mar", "mer", "gio", "ven", "sab"],
    months: [
      "gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno",
      "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre",
    ],
    shortMonths: ["gen", "feb", "mar", "apr", "mag", "giu", "lug", "ago", "set", "ott", "nov", "dic"],
    date: "%d.%m.%Y",
    decimal: ",",
    thousands: ".",
  },
});
