/** A macro cannot be expanded. `expandMacros` converts it to a ProxyError with the place of the macro. */
export class MacroError extends Error {}
