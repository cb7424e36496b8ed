/**
 * Why a tool does nothing: a sentence for its user, and exit code 1.
 */
export class Refusal extends Error {
  override readonly name = "Refusal";
}
