/**
 * Returns a function that computes the value of an object at the first call for this object, and keeps the value as
 * long as the object exists. A computation that throws is repeated at the next call.
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
