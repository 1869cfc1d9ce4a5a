const { default: Sequencer } = require('@jest/test-sequencer');

/**
 * Without times of an earlier run jest begins with the longest text; the longest run must not be the last one. Three stacks
 * stand in the matrix: beside it goes what has none, for a fourth one can stall for many seconds on two processors.
 */
const longest = ['faults/matrix', 'simulation/', 'faults/kills', 'demo/demo', 'cli/releases', 'docs/commands', 'e2e/'];

const placeOf = ({ path }) => {
  const place = longest.findIndex((name) => path.includes(`/test/${name}`));
  return place === -1 ? longest.length : place;
};

module.exports = class extends Sequencer {
  sort(tests) {
    return super.sort(tests).sort((a, b) => placeOf(a) - placeOf(b));
  }
};
