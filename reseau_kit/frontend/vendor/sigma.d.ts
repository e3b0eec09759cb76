// What the type checker knows of the bundle beside this file.

/** A program of sigma's: what it draws next, a row for each thing. */
declare class SigmaProgram {
  array: Float32Array;
}

declare const vendoredSigma: {
  Graph: new (options?: object) => any;
  Sigma: new (graph: object, container: HTMLElement, settings?: object) => any;
  EdgeProgram: typeof SigmaProgram;
  NodeProgram: typeof SigmaProgram;
  floatColor: (color: string) => number;
};
