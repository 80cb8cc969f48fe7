async function main() {
  const { maddpg } = await import('@troupe/ddpg');
  const { rng, simpleSpread } = await import('troupe');
  const env = simpleSpread({ numEnvs: 2 });
  const { carry } = maddpg(env.groups, { hidden: [8] }).init(rng(0));
  console.log(`CommonJS: ${carry.flat.length} numbers`);
}
main();
