// Makes the replica set and the service's user; run in mongosh by the service `mongo-init` at every
// start. What is there already stays as it is.
/* global db, rs, sleep */

db.getSiblingDB('admin').auth('root', process.env.MONGODB_ROOT_PASSWORD);

const waitFor = (what, condition) => {
  for (let attempt = 0; attempt < 60; attempt += 1) {
    if (condition()) return;
    sleep(500);
  }
  throw new Error(`${what} did not come about within 30 seconds`);
};

const isInitiated = () => {
  try {
    return rs.status().ok === 1;
  } catch (error) {
    if (error.codeName !== 'NotYetInitialized') throw error;
    return false;
  }
};

if (!isInitiated()) {
  rs.initiate({ _id: 'rs0', members: [{ _id: 0, host: 'mongo:27017' }] });
}
waitFor('a primary', () => db.hello().isWritablePrimary);

const sfchat = db.getSiblingDB('sfchat');
const user = {
  pwd: process.env.MONGODB_PASSWORD,
  // dbAdmin: the service gives the TTL index another time when the settings have changed.
  roles: ['readWrite', 'dbAdmin'].map((role) => ({ role, db: 'sfchat' })),
};
// Updated as well, so that a changed password takes effect by starting again.
if (sfchat.getUser('sfchat') === null) sfchat.createUser({ user: 'sfchat', ...user });
else sfchat.updateUser('sfchat', user);
