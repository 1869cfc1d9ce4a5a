/** The smallest descriptor; lines that tests add begin at line 7. */
export const minimal = `apiVersion: spillway/v1
service: shop
version: "1.4.0"
environment: production
hypothesis: { change: checkout is faster, keep: no order is lost }
owners: { lead: Ada }
`;
