"""DQN on CartPole-v1 in PyTorch, the whole loop: e2e_dqn.py [--steps N]. Prints one line of JSON with milliseconds of a run.

Settings are CleanRL's: hidden 120-84, batch 128 of 10,000 rows, Adam 2.5e-4, squared errors, a hard copy every 500 steps,
an update every 10 steps, epsilon from 1 to 0.05 over half of the run; learning starts after 1000 steps. One environment, a
plain function (no wrappers). Variants: `plain` acts through the module; `numpy` acts by two matrix products of NumPy on the
same memory, and its optimiser steps over all tensors at once (foreach).
"""
import argparse
import json
import math
import random
import time

import numpy as np
import torch
from torch import nn

torch.set_num_threads(1)


class CartPole:
    """Gymnasium's CartPole-v1, state in Python floats."""

    def __init__(self, rng):
        self.rng = rng

    def reset(self):
        self.steps = 0
        self.state = [self.rng.uniform(-0.05, 0.05) for _ in range(4)]
        return self.state

    def step(self, action):
        x, v, angle, spin = self.state
        force = 10.0 if action == 1 else -10.0
        cos, sin = math.cos(angle), math.sin(angle)
        shared = (force + 0.05 * spin * spin * sin) / 1.1
        spin_change = (9.8 * sin - cos * shared) / (0.5 * (4.0 / 3.0 - 0.1 * cos * cos / 1.1))
        change = shared - 0.05 * spin_change * cos / 1.1
        self.state = [x + 0.02 * v, v + 0.02 * change, angle + 0.02 * spin, spin + 0.02 * spin_change]
        self.steps += 1
        fallen = abs(self.state[0]) > 2.4 or abs(self.state[2]) > 12 * math.pi / 180
        return self.state, 1.0, fallen, self.steps >= 500


def network():
    return nn.Sequential(nn.Linear(4, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 2))


def train(steps, variant, seed=0):
    rng, draw = random.Random(seed), np.random.default_rng(seed)
    torch.manual_seed(seed)
    q, target = network(), network()
    target.load_state_dict(q.state_dict())
    optimiser = torch.optim.Adam(q.parameters(), lr=2.5e-4, foreach=variant == "numpy")
    layers = [(m.weight.detach().numpy(), m.bias.detach().numpy()) for m in q if isinstance(m, nn.Linear)]
    capacity = 10_000
    obs, nxt = np.zeros((capacity, 4), np.float32), np.zeros((capacity, 4), np.float32)
    actions = np.zeros(capacity, np.int64)
    rewards, ended = np.zeros(capacity, np.float32), np.zeros(capacity, np.float32)
    env, returns, episode, updates = CartPole(rng), [], 0.0, 0
    state = env.reset()
    for step in range(steps):
        epsilon = max(0.05, 1 - 0.95 * step / (0.5 * steps))
        if rng.random() < epsilon:
            action = rng.randrange(2)
        elif variant == "numpy":
            h = np.asarray(state, np.float32)
            for w, b in layers[:-1]:
                h = np.maximum(w @ h + b, 0)
            w, b = layers[-1]
            action = int((w @ h + b).argmax())
        else:
            with torch.no_grad():
                action = int(q(torch.tensor(state)).argmax())
        after, reward, terminated, truncated = env.step(action)
        i = step % capacity
        obs[i], nxt[i], actions[i], rewards[i], ended[i] = state, after, action, reward, terminated
        episode += reward
        if terminated or truncated:
            returns.append(episode)
            episode, after = 0.0, env.reset()
        state = after
        if step + 1 >= 1000 and (step + 1) % 10 == 0:
            at = draw.integers(0, min(step + 1, capacity), 128)
            with torch.no_grad():
                best = target(torch.from_numpy(nxt[at])).max(1).values
                y = torch.from_numpy(rewards[at]) + 0.99 * (1 - torch.from_numpy(ended[at])) * best
            taken = q(torch.from_numpy(obs[at])).gather(1, torch.from_numpy(actions[at])[:, None])[:, 0]
            loss = ((taken - y) ** 2).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            updates += 1
        if (step + 1) % 500 == 0:
            target.load_state_dict(q.state_dict())
    return returns, updates


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=20_000)
    parser.add_argument("--show", action="store_true", help="mean return of the last 20 episodes, to standard error")
    a = parser.parse_args()
    variants = {}
    for variant in ("plain", "numpy"):
        wall, cpu = time.perf_counter(), time.process_time()
        returns, updates = train(a.steps, variant)
        variants[variant] = {
            "ms_median": (time.perf_counter() - wall) * 1e3,
            "cpu_ms_median": (time.process_time() - cpu) * 1e3,
        }
        if a.show:
            import sys

            print(variant, updates, sum(returns[-20:]) / len(returns[-20:]), file=sys.stderr)
    best = min(variants.values(), key=lambda one: one["ms_median"])
    print(json.dumps({"name": "e2e-dqn", **best, "n": 1, "threads": 1, "variants": variants}), flush=True)


if __name__ == "__main__":
    main()
