"""Makes curve.pt and curve.npz: a small network that PyTorch has fitted to a noisy curve."""
import numpy as np
import torch

torch.manual_seed(13)
x = torch.linspace(-3, 3, 200).unsqueeze(1)
y = torch.sin(2 * x) * torch.exp(-x * x / 8) + 0.05 * torch.randn_like(x)

model = torch.nn.Sequential(
    torch.nn.Linear(1, 32), torch.nn.Tanh(), torch.nn.Linear(32, 32), torch.nn.Tanh(), torch.nn.Linear(32, 1)
)
adam = torch.optim.Adam(model.parameters(), lr=0.01)
for step in range(1000):
    adam.zero_grad()
    torch.nn.functional.mse_loss(model(x), y).backward()
    adam.step()

torch.save({"model": model.state_dict(), "optimizer": adam.state_dict(), "steps": 1000}, "curve.pt")
np.savez("curve.npz", x=x.numpy(), y=y.numpy(), prediction=model(x).detach().numpy())
