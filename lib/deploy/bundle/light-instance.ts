type Name = "FormData" | "Headers" | "Request" | "Response";

/**
 * `Symbol.hasInstance` of a light class: objects of Node's own class count as instances too, since fallbacks and Node's
 * `fetch` return them. Does not load Node's classes. Must be an own property of the class; classes that extend it check
 * as usual.
 */
export function hasInstance(name: Name): (this: object, value: unknown) => boolean {
  return function (this: object, value: unknown): boolean {
    if (Function.prototype[Symbol.hasInstance].call(this, value)) return true;
    if (typeof value !== "object" || value === null || !Object.hasOwn(this, Symbol.hasInstance)) return false;
    // Objects of Node's class exist only once it is loaded, and have its name as their tag.
    return Reflect.get(value, Symbol.toStringTag) === name && value instanceof globalThis[name];
  };
}
