# How proxymap(8) asks the database which clients may relay (pgsql_table(5)).
# Made by certrelay; "certrelay render" makes it again. On the host its mode is 0640, root and
# the group of Postfix's own user.
#
# The password is in a file of the host's own, which this folder never holds:
#   /etc/postfix/certrelay.pgpass
# one line, *:*:*:*:PASSWORD, mode 0600, owned by Postfix's own user (libpq, "The Password File").

hosts = postgresql://certrelay_reader@db1.example.com/certrelay?sslmode=verify-full&sslrootcert=/etc/postfix/certrelay/database-ca.pem&passfile=/etc/postfix/certrelay.pgpass postgresql://asks@db2.example.com:5433/certrelay?sslmode=verify-full&sslrootcert=/etc/postfix/certrelay/database-ca.pem&passfile=/etc/postfix/certrelay.pgpass
# Required before 3.10, and without effect where the URIs name the database.
dbname = certrelay

# Postfix folds what it looks for to lower case, and quotes it.
query = SELECT client FROM certrelay.relay_clientcerts WHERE fingerprint = upper('%s')
