/** The current time as a rune, updated once a minute, because sentences show minutes. */
const minuteMs = 60_000;

export class Clock {
  nowMs = $state(Date.now());

  constructor() {
    setInterval(() => {
      this.nowMs = Date.now();
    }, minuteMs);
  }
}
