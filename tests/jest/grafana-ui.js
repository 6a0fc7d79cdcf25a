// What a test gets as `@grafana/ui`: the real package, except for the controls of `plain-controls`.
module.exports = { ...require('@grafana/ui/real'), ...require('../../src/testing/plain-controls') };
