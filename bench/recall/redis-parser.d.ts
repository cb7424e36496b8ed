/** The part of redis-parser's interface that the benches use; the package ships no types. */
declare module "redis-parser" {
  interface ParserOptions {
    readonly returnReply: (reply: unknown) => void;
    readonly returnError: (failure: Error) => void;
    readonly returnFatalError?: (failure: Error) => void;
    readonly returnBuffers?: boolean;
  }
  export default class RedisParser {
    constructor(options: ParserOptions);
    execute(chunk: Buffer): void;
  }
}
