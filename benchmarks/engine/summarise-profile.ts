import { readFileSync } from 'node:fs';

/** Sums ONNX Runtime's profile by operator: microseconds per run and calls per run. Usage: summarise-profile.ts FILE */
interface Event {
  readonly cat: string;
  readonly name: string;
  readonly dur: number;
  readonly args?: {
    readonly op_name?: string;
    readonly output_type_shape?: readonly Record<string, readonly number[]>[];
  };
}
const events = JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as readonly Event[];
const runs = events.filter(({ name }) => name === 'model_run').length;
const sum = (key: (event: Event) => string): void => {
  const table = new Map<string, { time: number; calls: number }>();
  for (const event of events) {
    if (event.cat !== 'Node' || !event.name.endsWith('_kernel_time')) continue;
    const row = table.get(key(event)) ?? { time: 0, calls: 0 };
    table.set(key(event), { time: row.time + event.dur, calls: row.calls + 1 });
  }
  const rows = [...table].sort((a, b) => b[1].time - a[1].time);
  const total = rows.reduce((t, [, { time }]) => t + time, 0);
  console.log(`${runs} runs, ${(total / runs).toFixed(0)} us in nodes per run`);
  for (const [name, { time, calls }] of rows.slice(0, Number(process.argv[3] ?? 25))) {
    console.log(
      `${(time / runs).toFixed(1).padStart(9)} us ${((100 * time) / total).toFixed(1).padStart(5)} %  x${calls / runs}  ${name}`,
    );
  }
};
sum(({ args }) => args?.op_name ?? '?');
sum(({ args }) => `${args?.op_name} ${JSON.stringify(args?.output_type_shape?.map((o) => Object.values(o)[0]))}`);
