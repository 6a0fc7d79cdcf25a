// The module that tests import as `@grafana/ui`: the real package, except for the controls in `plain-controls`.
module.exports = { ...require('@grafana/ui/real'), ...require('../../src/testing/plain-controls') };
