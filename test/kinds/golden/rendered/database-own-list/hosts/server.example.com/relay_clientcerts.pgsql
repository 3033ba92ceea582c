# How proxymap(8) asks the database which clients may relay (pgsql_table(5)).
# Made by certrelay; "certrelay render" makes it again. On the host its mode is 0640, root and
# the group of Postfix's own user.

hosts = postgresql://certrelay_reader@/certrelay?host=/run/postgresql
# Required before 3.10, and without effect where the URIs name the database.
dbname = certrelay

# Postfix folds what it looks for to lower case, and quotes it.
query = SELECT client FROM certrelay.relay_clientcerts WHERE fingerprint = upper('%s')
