/** The time as a rune, for sentences that name it: once a minute is as fine as they are. */
const minuteMs = 60_000;

export class Clock {
  nowMs = $state(Date.now());

  constructor() {
    setInterval(() => {
      this.nowMs = Date.now();
    }, minuteMs);
  }
}
