/**
 * Counts seconds down to zero.
 *
 * @param {number} seconds
 * @param {(left: number) => void} onTick called at once and every second
 * @param {() => void} onEnd
 * @returns {() => void} stops it
 */
export function countDown(seconds, onTick, onEnd) {
  const endsAt = performance.now() + seconds * 1000;
  let timer = 0;
  const tick = () => {
    const left = Math.ceil((endsAt - performance.now()) / 1000);
    if (left <= 0) return onEnd();
    onTick(left);
    timer = setTimeout(tick, 250);
  };
  tick();
  return () => clearTimeout(timer);
}
