// What `sigma.js`, the bundle beside this file, gives to `map.js`: `make sigma` builds it anew.
export { default as Graph } from "graphology";
export { default as Sigma } from "sigma";
export { EdgeProgram, NodeProgram } from "sigma/rendering";
export { floatColor } from "sigma/utils";
