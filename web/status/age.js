/* How old the page is, in words; and whether there is a newer one. Without this the page says when it was written. */
(function () {
  'use strict';
  var MINUTE = 60000;
  /** Five times as old as it ever is while all is well. */
  var STALE = 5 * MINUTE;
  var written = document.getElementById('written');
  var age = document.getElementById('age');
  var relative = document.getElementById('relative');
  if (!written || !age || !relative) return;
  var at = Date.parse(written.getAttribute('datetime') || '');
  if (isNaN(at)) return;

  function inWords(minutes) {
    var said = age.dataset;
    if (minutes < 1) return said.now;
    if (minutes < 2) return said.minute;
    if (minutes < 90) return said.minutes.replace('{n}', String(Math.floor(minutes)));
    if (minutes < 120) return said.hour;
    if (minutes < 2880) return said.hours.replace('{n}', String(Math.floor(minutes / 60)));
    return said.days.replace('{n}', String(Math.floor(minutes / 1440)));
  }

  function show() {
    var ms = Math.max(0, Date.now() - at);
    relative.textContent = ' (' + inWords(ms / MINUTE) + ')';
    var stale = document.getElementById('stale');
    if (stale) stale.hidden = ms < STALE;
  }

  function look() {
    var newer = document.getElementById('newer');
    if (!newer || !newer.hidden || document.hidden || !window.fetch) return;
    fetch(age.dataset.json, { cache: 'no-cache' })
      .then(function (answer) { return answer.json(); })
      .then(function (status) {
        if (Date.parse(status.writtenAt) > at + MINUTE / 2) newer.hidden = false;
      })
      .catch(function () {});
  }

  show();
  setInterval(show, MINUTE / 4);
  setInterval(look, MINUTE);
})();
