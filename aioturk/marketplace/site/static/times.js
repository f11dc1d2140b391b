// Writes the reader's own time beside each moment of a page, which itself tells it by UTC, and does without this script.

"use strict";

(() => {
  const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
  const time = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

  for (const element of document.querySelectorAll("time[data-local]")) {
    const moment = new Date(element.dateTime);
    if (Number.isNaN(moment.getTime()) || moment.getTimezoneOffset() === 0) continue;
    const isSameDay = moment.getDate() === moment.getUTCDate();
    element.append(` (${isSameDay ? "" : `${day.format(moment)}, `}${time.format(moment)} your time)`);
  }
})();
