import { Presets, SingleBar } from 'cli-progress';

/** Steps done, steps per second, the latest return and the time left: a bar in a terminal, a line now and then elsewhere. */
export const progressDisplay = (total: number) => {
  const began = performance.now();
  const speedAt = (steps: number) => steps / ((performance.now() - began) / 1000);
  const describe = (steps: number, value: number) => {
    const speed = speedAt(steps);
    const left = Math.max(0, Math.round((total - steps) / speed));
    return {
      speed: Math.round(speed).toLocaleString('en'),
      value: value.toFixed(2),
      left: left >= 60 ? `${Math.floor(left / 60)} min ${left % 60} s` : `${left} s`,
    };
  };
  if (!process.stdout.isTTY) {
    let shown = 0;
    return {
      update(steps: number, value: number) {
        if (steps < total && steps - shown < total / 10) return;
        shown = steps;
        const { speed, value: mean, left } = describe(steps, value);
        console.log(`  ${steps} of ${total} steps, ${speed} steps/s, return ${mean}, ${left} left`);
      },
      stop: () => console.log(`Trained for ${((performance.now() - began) / 1000).toFixed(1)} s.`),
    };
  }
  const format = '  {bar} {percentage} %  {value} of {total} steps  {speed} steps/s  return {mean}  {left} left';
  const bar = new SingleBar({ format, hideCursor: true, gracefulExit: false, barsize: 24 }, Presets.shades_classic);
  bar.start(total, 0, { speed: '…', mean: '…', left: '…' });
  return {
    update(steps: number, value: number) {
      const { speed, value: mean, left } = describe(steps, value);
      bar.update(Math.min(steps, total), { speed, mean, left });
    },
    stop() {
      bar.stop();
      console.log(`Trained for ${((performance.now() - began) / 1000).toFixed(1)} s.`);
    },
  };
};
