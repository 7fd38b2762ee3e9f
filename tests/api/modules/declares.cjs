'use strict';
const require = 5, module = 6, __filename = 7;
exports.sum = require + module + __filename;
exports.strict = (function () { return this === undefined; })();
