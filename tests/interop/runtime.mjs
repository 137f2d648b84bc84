// Runs all .onnx files of a folder by ONNX Runtime: runtime.mjs FOLDER, with NODE_PATH telling
// where npm has put it. Inputs are in NAME.safetensors as "input0", …, and "other.input0", … of
// another batch; results go to NAME.runtime.safetensors.
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const require = createRequire(path.join(process.env.NODE_PATH, "here.js"));
const ort = require("onnxruntime-node");

const types = {
  F32: ["float32", Float32Array], F64: ["float64", Float64Array], F16: ["float16", Uint16Array],
  I8: ["int8", Int8Array], I16: ["int16", Int16Array], I32: ["int32", Int32Array],
  I64: ["int64", BigInt64Array], U8: ["uint8", Uint8Array], BOOL: ["bool", Uint8Array],
};
const codes = Object.fromEntries(Object.entries(types).map(([code, [type]]) => [type, code]));

// What a file of safetensors holds.
function load(file) {
  const content = fs.readFileSync(file);
  const begin = 8 + Number(content.readBigUInt64LE(0));
  const tensors = {};
  for (const [name, entry] of Object.entries(JSON.parse(content.subarray(8, begin)))) {
    if (name === "__metadata__") continue;
    const [type, Numbers] = types[entry.dtype];
    const bytes = content.subarray(begin + entry.data_offsets[0], begin + entry.data_offsets[1]);
    const numbers = new Numbers(new Uint8Array(bytes).buffer); // a copy, and so aligned
    tensors[name] = new ort.Tensor(type, numbers, entry.shape);
  }
  return tensors;
}

function save(tensors, file) {
  const header = {}, data = [];
  let end = 0;
  for (const [name, t] of Object.entries(tensors)) {
    const bytes = Buffer.from(t.data.buffer, t.data.byteOffset, t.data.byteLength);
    header[name] = {
      dtype: codes[t.type], shape: t.dims.map(Number), data_offsets: [end, end + bytes.length]};
    end += bytes.length;
    data.push(bytes);
  }
  const text = Buffer.from(JSON.stringify(header)), length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  fs.writeFileSync(file, Buffer.concat([length, text, ...data]));
}

const folder = process.argv[2];
const files = fs.readdirSync(folder).filter((name) => name.endsWith(".onnx")).sort();
for (const file of files) {
  const name = path.join(folder, file.slice(0, -".onnx".length));
  const session = await ort.InferenceSession.create(
    `${name}.onnx`, {intraOpNumThreads: 1, logSeverityLevel: 3});
  const given = load(`${name}.safetensors`), results = {};
  for (const prefix of ["", "other."]) {
    const feeds = {};
    session.inputNames.forEach((input, i) => { feeds[input] = given[`${prefix}input${i}`]; });
    const got = await session.run(feeds);
    session.outputNames.forEach((output, i) => { results[`${prefix}result${i}`] = got[output]; });
  }
  save(results, `${name}.runtime.safetensors`);
  await session.release();
}
console.log(`ONNX Runtime ${require("onnxruntime-node/package.json").version} has run ${files.length} files`);
