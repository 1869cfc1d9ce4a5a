'use strict';

const { Counter, Histogram, Registry } = require('prom-client');

/** The shop's Prometheus metrics. Health, metrics and admin requests are not counted: they are not use. */
function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  const requests = new Counter({
    name: 'http_requests_total',
    help: 'Answered requests',
    labelNames: ['code', 'method', 'route'],
    registers,
  });
  const duration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from request to answer',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers,
  });
  const orders = new Counter({ name: 'orders_total', help: 'Orders written', registers });
  return {
    /** @param {{ code: number, method: string, route: string, seconds: number }} answer */
    countAnswer: ({ code, method, route, seconds }) => {
      requests.inc({ code, method, route });
      duration.observe(seconds);
    },
    countOrder: () => orders.inc(),
    contentType: registry.contentType,
    text: () => registry.metrics(),
  };
}

module.exports = { createMetrics };
