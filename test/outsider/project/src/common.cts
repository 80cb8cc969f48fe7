// A CommonJS module, in TypeScript: what it imports is a module, so it waits for it.
const main = async (): Promise<void> => {
  const { rng } = await import('@troupe/core');
  const { maddpg } = await import('@troupe/ddpg');
  const { simpleSpread } = await import('troupe');
  const { groups } = simpleSpread({ agents: 2 });
  const { updates } = maddpg(groups).init(rng(0));
  console.log(`from CommonJS: ${updates} updates, ${typeof module.exports}`);
};
void main();
