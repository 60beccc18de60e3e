"""A PyFlink job: counts numbers for ever. count.py --name TEXT [--rate N]; the job's name is the configuration's."""
import argparse

from pyflink.table import EnvironmentSettings, TableEnvironment


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rate", type=int, default=10)
    rate = parser.parse_args().rate
    env = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
    env.execute_sql(f"""CREATE TEMPORARY TABLE numbers (id BIGINT)
        WITH ('connector' = 'datagen', 'rows-per-second' = '{rate}')""")
    env.execute_sql("""CREATE TEMPORARY TABLE counted (kind BIGINT, number BIGINT)
        WITH ('connector' = 'blackhole')""")
    env.execute_sql("INSERT INTO counted SELECT MOD(id, 4), COUNT(*) FROM numbers GROUP BY MOD(id, 4)")


if __name__ == "__main__":
    main()
