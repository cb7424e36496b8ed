/** Numbers on the command line of a bench; what is none is an error that names the option. */

export function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--${name} ${text}: not a positive number`);
  return value;
}

export function positiveInteger(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) {
    throw new Error(`--${name} ${text}: not a positive whole number`);
  }
  return value;
}
