/**
 * Real embeddings: all-MiniLM-L6-v2 (int8, ONNX) through transformers.js, mean pooling, length 1.
 *
 * The model comes from the hub, or from a folder that holds `all-MiniLM-L6-v2` (`--models`,
 * LODESTONE_MODELS) where there is no network. There is no stand-in for it: without a model the
 * error says what to do.
 */
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

export const MODEL_NAME = "all-MiniLM-L6-v2";
export const EMBEDDING_DIMENSIONS = 384;
const HUB_MODEL = `Xenova/${MODEL_NAME}`;

export interface Embedder {
  /** One vector of EMBEDDING_DIMENSIONS for each text, in one row-major array. */
  embed(texts: readonly string[]): Promise<Float32Array<ArrayBuffer>>;
}

export async function openEmbedder(modelFolder: string | undefined): Promise<Embedder> {
  const { env, pipeline } = await import("@xenova/transformers");
  let model = HUB_MODEL;
  if (modelFolder !== undefined) {
    const folder = modelRoot(modelFolder);
    env.localModelPath = folder;
    env.allowRemoteModels = false;
    model = MODEL_NAME;
  }
  const extract = await pipeline("feature-extraction", model, { quantized: true }).catch(
    (failure: unknown) => {
      throw new Error(advice(modelFolder, failure));
    },
  );
  return {
    async embed(texts) {
      const output = await extract([...texts], { pooling: "mean", normalize: true });
      const data: unknown = output.data;
      if (!(data instanceof Float32Array)) throw new Error("the model gave no float32 values");
      if (data.length !== texts.length * EMBEDDING_DIMENSIONS) {
        throw new Error(`the model gave ${data.length} values for ${texts.length} texts`);
      }
      return new Float32Array(data);
    },
  };
}

/** The folder above the model's; the model's own folder may be given, too. */
function modelRoot(given: string): string {
  const folder = resolve(given);
  if (existsSync(join(folder, MODEL_NAME, "tokenizer.json"))) return folder;
  if (existsSync(join(folder, "tokenizer.json"))) return dirname(folder);
  throw new Error(`${given}: there is no ${MODEL_NAME} in it (tokenizer.json, onnx/)`);
}

function advice(modelFolder: string | undefined, failure: unknown): string {
  const reason = failure instanceof Error ? failure.message.split("\n")[0] : String(failure);
  const where = modelFolder === undefined ? "the hub" : modelFolder;
  return [
    `The model ${MODEL_NAME} could not be had from ${where}: ${reason}`,
    "Where there is no network, pass a folder that holds it: --models DIR, or LODESTONE_MODELS=DIR",
    `(DIR/${MODEL_NAME}/ with config.json, tokenizer.json, tokenizer_config.json and`,
    "onnx/model_quantized.onnx, as the hub's Xenova/all-MiniLM-L6-v2 has them).",
  ].join("\n");
}
