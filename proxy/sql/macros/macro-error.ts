/**
 * The error of a macro that cannot be expanded. `expandMacros` converts it to a ProxyError with the same code and the
 * position of the macro.
 */
export class MacroError extends Error {
  readonly code: 'macro_invalid' | 'variable_several_values';

  constructor(message: string, code: MacroError['code'] = 'macro_invalid') {
    super(message);
    this.code = code;
  }
}
