"""Fisher-vector products and conjugate gradients in PyTorch: fisher_cg.py fisher-product|fisher-cg [--n N].

Network 113-128-128-4 (tanh), 4000 rows, Gaussian means of deviation 0.3655, damping 0.1. Prints one line of JSON.
Variants: `gauss-newton` keeps the activations of one forward pass and multiplies by J and its transpose by hand;
`double` differentiates the divergence twice, its first gradient built once and kept (what people write).
"""
import argparse
import json
import time

import torch

torch.set_num_threads(1)
DIMS, ROWS, DEVIATION, DAMPING = [113, 128, 128, 4], 4000, 0.3655, 0.1


def parameters():
    torch.manual_seed(0)
    tensors = []
    for i, o in zip(DIMS, DIMS[1:]):
        tensors += [torch.randn(o, i) / i**0.5, torch.zeros(o)]
    return tensors


def gauss_newton(p, x):
    """v -> J'MJ v + damping v with cached activations."""
    scale = 1 / (DEVIATION**2 * ROWS)
    sizes, shapes = [t.numel() for t in p], [t.shape for t in p]
    with torch.no_grad():
        h, inputs, slopes = x, [], []
        for k in range(0, 6, 2):
            inputs.append(h)
            h = torch.addmm(p[k + 1], h, p[k].t())
            if k < 4:
                h = h.tanh_()
                slopes.append(1 - h * h)

    @torch.no_grad()
    def product(v):
        d = [t.view(s) for t, s in zip(v.split(sizes), shapes)]
        t = None
        for k in range(3):
            u = torch.addmm(d[2 * k + 1], inputs[k], d[2 * k].t())
            if t is not None:
                u.addmm_(t, p[2 * k].t())
            t = u.mul_(slopes[k]) if k < 2 else u
        e = t.mul_(scale)
        out = [None] * 6
        for k in (2, 1, 0):
            out[2 * k], out[2 * k + 1] = e.t() @ inputs[k], e.sum(0)
            if k:
                e = (e @ p[2 * k]).mul_(slopes[k - 1])
        return torch.cat([t.reshape(-1) for t in out]).add_(v, alpha=DAMPING)

    return product


def double(p, x):
    p = [t.clone().requires_grad_() for t in p]
    h = x
    for k in range(0, 6, 2):
        h = torch.nn.functional.linear(h, p[k], p[k + 1])
        if k < 4:
            h = h.tanh()
    kl = ((h - h.detach()) ** 2).sum() / (2 * DEVIATION**2 * ROWS)
    slope = torch.cat([g.reshape(-1) for g in torch.autograd.grad(kl, p, create_graph=True)])

    def product(v):
        parts = torch.autograd.grad(slope, p, grad_outputs=v, retain_graph=True)
        return torch.cat([g.reshape(-1) for g in parts]).add_(v, alpha=DAMPING)

    return product


def solve(product, b, iterations=10):
    x, r, p = torch.zeros_like(b), b.clone(), b.clone()
    rr = r @ r
    for _ in range(iterations):
        z = product(p)
        length = rr / (p @ z)
        x.addcmul_(length, p)
        r.addcmul_(length, z, value=-1)
        new = r @ r
        if float(new) < 1e-10:
            break
        p = r + (new / rr) * p
        rr = new
    return x


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("what", choices=["fisher-product", "fisher-cg"])
    ap.add_argument("--n", type=int, default=20)
    a = ap.parse_args()
    p = parameters()
    x = torch.randn(ROWS, DIMS[0])
    g = torch.randn(sum(t.numel() for t in p))
    makers = {"gauss-newton": gauss_newton, "double": double}
    answers, times = {}, {name: [] for name in makers}
    for k in range(a.n + 2):
        for name, make in makers.items():
            began = time.perf_counter()
            product = make(p, x)
            answers[name] = product(g) if a.what == "fisher-product" else solve(product, g)
            if k >= 2:
                times[name].append((time.perf_counter() - began) * 1e3)
    error = float((answers["double"] - answers["gauss-newton"]).norm() / answers["double"].norm())
    variants = {n: {"ms_median": sorted(t)[len(t) // 2], "ms_min": min(t)} for n, t in times.items()}
    best = min(variants, key=lambda n: variants[n]["ms_median"])
    print(json.dumps({"name": a.what, **variants[best], "n": a.n, "difference": error, "config": {"variant": best}, "variants": variants}))


main()
