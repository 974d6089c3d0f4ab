// Where the arrow keys lead in a grid of several groups, some of which may be empty.

/**
 * The group and place that a key leads to, from one place; null where it leads nowhere. `sizes` has how many there
 * are in each group.
 */
function walk(key, sizes, columns, group, place) {
  /** The next group with anything in it, in one direction; -1 if there is none. */
  const filled = (from, by) => {
    let at = from + by;
    while (at >= 0 && at < sizes.length && sizes[at] === 0) at += by;
    return at >= 0 && at < sizes.length ? at : -1;
  };
  const into = (at, where) => (at < 0 ? null : [at, where(sizes[at] - 1)]);
  const column = place % columns;
  const line = (at) => Math.floor(at / columns);
  switch (key) {
    case "ArrowRight":
      return place + 1 < sizes[group] ? [group, place + 1] : into(filled(group, 1), () => 0);
    case "ArrowLeft":
      return place > 0 ? [group, place - 1] : into(filled(group, -1), (last) => last);
    case "ArrowDown":
      if (place + columns < sizes[group]) return [group, place + columns];
      if (line(place) < line(sizes[group] - 1)) return [group, sizes[group] - 1];
      return into(filled(group, 1), (last) => Math.min(column, last));
    case "ArrowUp":
      if (place >= columns) return [group, place - columns];
      return into(filled(group, -1), (last) => Math.min(line(last) * columns + column, last));
    case "Home":
      return into(filled(-1, 1), () => 0);
    case "End":
      return into(filled(sizes.length, -1), (last) => last);
    default:
      return null;
  }
}
