/**
 * Returns a function that computes a value for an object. The value is computed at the first call for this object, and
 * kept while the object exists. If the computation throws, the next call repeats it.
 */
export function oncePer<Key extends object, Value extends object | number>(
  compute: (key: Key) => Value
): (key: Key) => Value {
  const known = new WeakMap<Key, Value>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined) {
      return found;
    }
    const value = compute(key);
    known.set(key, value);
    return value;
  };
}
