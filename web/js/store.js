/** One frozen state object, replaced as a whole; listeners see every new one. */
export function createStore(initial) {
  let state = Object.freeze({ ...initial });
  const listeners = new Set();
  return {
    get state() {
      return state;
    },
    update(changes) {
      state = Object.freeze({ ...state, ...changes });
      for (const listener of listeners) listener(state);
    },
    subscribe(listener) {
      listeners.add(listener);
      listener(state);
    },
  };
}
