let cpu = false;

/** From now on calls are timed by what they cost the processor: what can be compared on a busy machine. */
export const useCpuClock = (): void => {
  cpu = true;
};
export const clockIsCpu = (): boolean => cpu;

/** Milliseconds: of the wall clock, or of processor time of this process. */
export const now = (): number => {
  if (!cpu) return performance.now();
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
