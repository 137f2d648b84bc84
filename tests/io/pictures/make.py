# Makes the JPEG files of this folder, and what Pillow decodes them to as PNG files.
import numpy as np
from PIL import Image

y, x = np.mgrid[0:37, 0:50]
rgb = np.stack([128 + 100 * np.sin(y * a + x * b) for a, b in [(.3, .2), (.1, .5), (.7, .05)]], 2)
rng = np.random.default_rng(1)
rgb = np.clip(rgb + rng.normal(0, 15, rgb.shape), 0, 255).astype(np.uint8)
picture = Image.fromarray(rgb)
ways = {
    "grey": (picture.convert("L"), {}),
    "half_chroma": (picture, {"subsampling": "4:2:0"}),
    "full_chroma": (picture, {"subsampling": "4:4:4", "quality": 60}),
    "progressive": (picture, {"progressive": True}),
    "print": (picture.convert("CMYK"), {"quality": 90}),
}
for name, (p, options) in ways.items():
    p.save(name + ".jpg", **options)
    Image.open(name + ".jpg").convert("RGB").save(name + ".png")
